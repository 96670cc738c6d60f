//! What all connections share: what is served, and what is counted.

use std::io;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use hyper::header::{self, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};
use jiff::Timestamp;
use tokio::sync::Notify;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use super::access_log::AccessLines;
use super::counters::Counters;
use super::on_disk::{OnDisk, RecentPages};
use super::outputs::{self, Saved};
use super::reply::{Reply, plain};
use super::site::{Found, Site};

/// How long an answer is fresh at least and at most: readers are not to come all at one second, and a takedown is not to
/// be shown for long.
const LEAST_FRESH_S: i64 = 60;
const MOST_FRESH_S: i64 = 30 * 60;

/// A set of files is whole within moments of its first file; after this long, what is on the disk is taken as it is.
const NEXT_SET: Duration = Duration::from_secs(3);
/// … and looked for this often.
const LOOK: Duration = Duration::from_millis(50);

/// What all connections share.
#[derive(Debug, Default)]
pub(super) struct Door {
    site: RwLock<Option<Arc<Site>>>,
    /// Below this path, readers find us behind a proxy; empty, or without slashes at its ends.
    prefix: RwLock<String>,
    /// When the next change is expected, in seconds since 1970; 0: not known.
    next_change_s: AtomicI64,
    pub(super) counters: Counters,
    /// There is no room for who says nothing.
    pub(super) pressure: Notify,
    pub(super) access_log: AccessLines,
    recent: RecentPages,
}

impl Door {
    /// What is served now; `None`: nothing was published yet.
    pub(super) fn site(&self) -> Option<Arc<Site>> {
        self.site.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From now on `site` is served: whoever is being answered is answered from what was there before.
    pub(super) fn show(&self, site: Arc<Site>) {
        *self.site.write().unwrap_or_else(PoisonError::into_inner) = Some(site);
    }

    pub(super) fn expect_change(&self, at: Option<Timestamp>) {
        self.next_change_s.store(at.map_or(0, Timestamp::as_second), Ordering::Relaxed);
    }

    pub(super) fn set_prefix(&self, path: &str) {
        path.trim_matches('/').clone_into(&mut self.prefix.write().unwrap_or_else(PoisonError::into_inner));
    }

    fn fresh_s(&self, now: Timestamp) -> i64 {
        (self.next_change_s.load(Ordering::Relaxed) - now.as_second()).clamp(LEAST_FRESH_S, MOST_FRESH_S)
    }

    /// `path` as it is below the address that readers know, for a proxy that passes all of it on.
    pub(super) fn below_prefix<'p>(&self, path: &'p str) -> &'p str {
        let prefix = self.prefix.read().unwrap_or_else(PoisonError::into_inner);
        let rest = path.strip_prefix(prefix.as_str()).filter(|_| !prefix.is_empty());
        rest.and_then(|rest| rest.strip_prefix('/')).unwrap_or(path)
    }

    /// What the outputs answer for `path`; `None`: they have nothing there, or nothing is published yet.
    pub(super) fn of_outputs(&self, asked: &Parts, path: &str, now: Timestamp) -> Option<outputs::Answer> {
        outputs::answer(&*self.site()?, path, self.asked(asked, now))
    }

    /// What is answered for a page on the disk. While a publish replaces it there, the set that it belongs to is waited for:
    /// readers see the files of one.
    pub(super) async fn page_on_disk(&self, mut wanted: OnDisk, asked: &Parts, now: Timestamp) -> Reply {
        let asked = self.asked(asked, now);
        let until = Instant::now() + NEXT_SET;
        loop {
            if let Some(page) = self.recent.get(&wanted) {
                return outputs::of_page(&page, asked);
            }
            let file = wanted.clone();
            let read = spawn_blocking(move || file.read()).await.map_err(io::Error::other).flatten();
            let is_late = Instant::now() >= until;
            match read {
                Ok(page) if page.stamp == Some(wanted.stamp) => {
                    let page = Arc::new(page);
                    self.recent.keep(&wanted, &page);
                    return outputs::of_page(&page, asked);
                }
                Ok(page) if is_late => return outputs::of_page(&page, asked),
                Err(error) if error.kind() != io::ErrorKind::NotFound => return unreadable(),
                Err(_) if is_late => return nothing_here(),
                Ok(_) | Err(_) => sleep(LOOK).await,
            }
            match self.site().and_then(|site| site.find(&wanted.file)) {
                Some(Found::OnDisk(file)) => wanted = file,
                Some(Found::Page(page)) => return outputs::of_page(&page, asked),
                Some(Found::Folder(_)) | None => return nothing_here(),
            }
        }
    }

    fn asked<'a>(&self, asked: &'a Parts, now: Timestamp) -> outputs::Asked<'a> {
        outputs::Asked { method: &asked.method, headers: &asked.headers, fresh_s: self.fresh_s(now) }
    }

    pub(super) fn count(&self, asked: &Parts, reply: &Reply) {
        let bytes = if asked.method == Method::HEAD { 0 } else { reply.body().len() };
        self.counters.answered(reply.status(), bytes);
        if let Some(Saved(bytes)) = reply.extensions().get() {
            self.counters.saved(*bytes);
        }
    }
}

/// The answer where the outputs have nothing, nor anybody else.
pub(super) fn nothing_here() -> Reply {
    plain(StatusCode::NOT_FOUND, "there is nothing here")
}

fn unreadable() -> Reply {
    let mut reply = plain(StatusCode::SERVICE_UNAVAILABLE, "this page cannot be read just now");
    reply.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("10"));
    reply
}

/// The answer before anything is published.
pub(super) fn not_yet() -> Reply {
    let mut reply = plain(StatusCode::SERVICE_UNAVAILABLE, "nothing is published yet");
    reply.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("10"));
    reply
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::path::Path;

    use hyper::Request;

    use super::*;
    use crate::serve::site::Place;
    use crate::serve::watch::FileStamp;

    /// What is served of `folder`, as its one page is now.
    fn site(folder: &Path) -> Arc<Site> {
        let stamp = FileStamp::of(&fs::metadata(folder.join("story.html")).unwrap());
        Arc::new(Site::new(folder.to_owned(), BTreeMap::from([("story.html".to_owned(), Place::Disk(stamp))])))
    }

    async fn ask(door: &Door) -> (StatusCode, String) {
        let (asked, ()) = Request::get("/story.html").body(()).unwrap().into_parts();
        let reply = match door.of_outputs(&asked, "story.html", Timestamp::now()).unwrap() {
            outputs::Answer::OnDisk(file) => door.page_on_disk(file, &asked, Timestamp::now()).await,
            outputs::Answer::Ready(reply) => reply,
        };
        (reply.status(), String::from_utf8_lossy(reply.body()).into_owned())
    }

    fn write(folder: &Path, text: &str) {
        fs::write(folder.join("new"), text).unwrap();
        fs::rename(folder.join("new"), folder.join("story.html")).unwrap();
    }

    #[tokio::test]
    async fn a_page_of_the_next_set_is_not_shown_before_that_set_is() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        write(folder, "the first");
        let door = Arc::new(Door::default());
        door.show(site(folder));
        write(folder, "the second");
        let asking = {
            let door = Arc::clone(&door);
            tokio::spawn(async move { ask(&door).await })
        };
        sleep(4 * LOOK).await;
        assert!(!asking.is_finished(), "its set is still being written");
        door.show(site(folder));
        assert_eq!(asking.await.unwrap(), (StatusCode::OK, "the second".to_owned()));
        // It is kept; what is then written over it belongs to another set again.
        write(folder, "the third");
        assert_eq!(ask(&door).await, (StatusCode::OK, "the second".to_owned()));
    }

    #[tokio::test]
    async fn a_set_that_never_comes_is_not_waited_for_long() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        write(folder, "the first");
        let door = Door::default();
        door.show(site(folder));
        write(folder, "by hand");
        assert_eq!(ask(&door).await, (StatusCode::OK, "by hand".to_owned()));
        fs::remove_file(folder.join("story.html")).unwrap();
        assert_eq!(ask(&door).await.0, StatusCode::NOT_FOUND);
        fs::create_dir(folder.join("story.html")).unwrap();
        assert_eq!(ask(&door).await.0, StatusCode::SERVICE_UNAVAILABLE);
    }
}
