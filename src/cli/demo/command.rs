use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use jiff::Timestamp;

use super::closing;
use super::folder::{chosen_folder, fresh_folder};
use super::origin;
use super::outputs::output_pages;
use super::pages::Bound;
use crate::cli::exit::Exit;
use crate::cli::session::{clock, runtime};
use crate::cli::wrap::{stdout_columns, wrapped};
use crate::config::Config;
use crate::gather::{ClockTrust, GatherOptions, Silent, SourceOutcome};
use crate::model::{SourceId, Story};
use crate::pass::{self, PassOptions};
use crate::publish::Shrink;
use crate::store::{Store, StoriesAsked};

/// Any free port of this machine, unreachable from elsewhere.
const LOOPBACK: &str = "127.0.0.1:0";
/// More stories than the samples can make.
const MOST_STORIES: usize = 500;

/// Try it without a network: one pass over built-in sample feeds
///
/// The sample feeds are served by this process on 127.0.0.1 and go through the same pass as with
/// `feedloom run`. Some are broken on purpose.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Write into this folder
    ///
    /// Default: a new folder under the system's temporary one.
    #[arg(long, value_name = "PATH")]
    dir: Option<PathBuf>,

    /// Serve the result for a browser until Ctrl-C
    ///
    /// On a free port of 127.0.0.1, unless a loopback address of this machine is given.
    #[arg(long, value_name = "ADDR", num_args = 0..=1, default_missing_value = LOOPBACK, value_parser = loopback)]
    serve: Option<SocketAddr>,
}

/// Runs the demo on the clock of this machine.
pub(in crate::cli) fn start(args: &Args) -> Result<Exit> {
    runtime()?.block_on(run(args, clock(None), &mut Stdout, one_pass))
}

/// Standard output, whole lines at a time, broken between words if it is a terminal.
struct Stdout;

impl Write for Stdout {
    fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
        let shown = wrapped(&String::from_utf8_lossy(lines), stdout_columns());
        io::stdout().write_all(shown.as_bytes())?;
        Ok(lines.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stdout().flush()
    }
}

/// One whole pass with the feeds.toml at `path`, as `feedloom run --all` makes it.
async fn one_pass(path: &Path, now: Timestamp) -> Result<Vec<closing::Broken>> {
    let config = Config::load(path)?;
    let mut store = Store::open(&config.database)?;
    let gather = Some(GatherOptions { all: true, clock: ClockTrust::Meant, ..GatherOptions::default() });
    let options = PassOptions { gather, shrink: Shrink::Refuse };
    let report = pass::run(&mut store, &config, now, &options, &Silent).await?;
    let broken = report.gather.sources.into_iter().filter_map(|source| match source.outcome {
        SourceOutcome::Failed(failure) => Some(closing::Broken { source: source.id, why: failure.error.sentence() }),
        _ => None,
    });
    Ok(broken.collect())
}

/// Runs the demo at `now`. `pass` makes one whole pass, as `feedloom run --all` does, with the given
/// feeds.toml at the given time, and returns the sources that yielded nothing. Its report goes to `out`.
pub(super) async fn run<P>(args: &Args, now: Timestamp, out: &mut impl Write, pass: P) -> Result<Exit>
where
    P: AsyncFnOnce(&Path, Timestamp) -> Result<Vec<closing::Broken>>,
{
    let folder = match &args.dir {
        Some(chosen) => chosen_folder(chosen)?,
        None => fresh_folder(&std::env::temp_dir())?,
    };
    let path = folder.join("feeds.toml");
    let bound = Bound::new(([127, 0, 0, 1], 0).into()).await.context("cannot serve the sample feeds on 127.0.0.1")?;
    let address = bound.address();
    let toml = origin::feeds_toml(address);
    std::fs::write(&path, &toml).with_context(|| format!("cannot write {}", path.display()))?;
    let config = Config::parse(&path, &toml)?;
    say(out, &format!("demo in {}\n", folder.display()))?;

    let serving = bound.serve(origin::pages(address, now)?);
    let passed = pass(&path, now).await;
    let served = serving.stop().await.context("the sample feeds could not be served");
    let broken = passed?;
    served?;

    let stories = stories(&config)?;
    say(out, &closing::closing(&config, &stories, &broken))?;
    if stories.is_empty() {
        return Ok(Exit::Nothing);
    }
    match args.serve {
        Some(address) => serve(&config, address, out).await?,
        None => say(out, closing::LOOK)?,
    }
    Ok(Exit::Current)
}

/// Every publishable story, newest first.
fn stories(config: &Config) -> Result<Vec<Story>> {
    let store = Store::open_to_read(&config.database)?;
    let sources: Vec<&SourceId> = config.sources.iter().map(|source| &source.id).collect();
    let mut stories = store
        .publishable_stories(&sources, &StoriesAsked::newest(MOST_STORIES))?
        .into_iter()
        .map(|number| store.story(number))
        .collect::<Result<Vec<Story>, _>>()?;
    stories.sort_by(|a, b| b.date.cmp(&a.date).then_with(|| a.id.cmp(&b.id)));
    Ok(stories)
}

fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr = text.parse().map_err(|_| format!("write an address and a port, such as {LOOPBACK}"))?;
    if address.ip().is_loopback() {
        Ok(address)
    } else {
        Err(format!("the demo is served on this machine only: write 127.0.0.1:{}", address.port()))
    }
}

/// Writes immediately; a reader that has gone (`| head`) is not a failure of the demo.
fn say(out: &mut impl Write, text: &str) -> Result<()> {
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error).context("cannot write what was done"),
        _ => Ok(()),
    }
}

/// Serves the outputs as they are now until Ctrl-C.
async fn serve(config: &Config, address: SocketAddr, out: &mut impl Write) -> Result<()> {
    let bound = Bound::new(address).await.with_context(|| format!("cannot serve on {address}"))?;
    let address = bound.address();
    let serving = bound.serve(output_pages(config)?);
    say(out, &format!("\nServing on http://{address}/ until Ctrl-C\n"))?;
    let interrupted = tokio::signal::ctrl_c().await.context("cannot wait for Ctrl-C");
    serving.stop().await.context("could not serve")?;
    interrupted
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;
    use crate::cli::demo::closing::tests::member;
    use crate::cli::demo::pages::tests::{ask, while_served};
    use crate::store::{Arrival, IdOf, StoryChange, WeaveChanges};

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Runtime::new().unwrap().block_on(future)
    }

    fn args(dir: &Path) -> Args {
        Args { dir: Some(dir.to_owned()), serve: None }
    }

    fn now() -> Timestamp {
        "2026-03-01T01:30:07Z".parse().unwrap()
    }

    /// What a pass leaves behind, in small.
    fn hold_one_story(config: &Config, now: Timestamp) -> Result<()> {
        let member = member("bytewire", "A story");
        let mut store = Store::open(&config.database)?;
        let mut batch = store.batch()?;
        let entry = batch.insert_entry(&member.entry, 0, now, Arrival::Fresh)?;
        let story = batch.next_story()?;
        let (founder, key, reason) = (entry, member.entry.key.clone(), member.reason);
        let steps = vec![
            StoryChange::Open { story, founder, key, held_back: false, id_of: IdOf::Address },
            StoryChange::Add { entry, story, address: 0, time: now, reason },
        ];
        batch.apply(&WeaveChanges { steps, ..WeaveChanges::default() }, now)?;
        Ok(batch.commit()?)
    }

    #[test]
    fn the_pass_gets_a_valid_feeds_toml_and_a_living_origin() {
        let dir = tempfile::tempdir().unwrap();
        let mut said = Vec::new();
        let exit = block_on(run(&args(dir.path()), now(), &mut said, async |path: &Path, at| {
            assert_eq!(at, now());
            let config = Config::load(path)?;
            let url = config.sources[0].address.to_url();
            let address: SocketAddr = url.authority().parse()?;
            let path = url.path().to_owned();
            let answer = tokio::task::spawn_blocking(move || ask(address, &format!("GET {path} HTTP/1.1"))).await?;
            assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
            hold_one_story(&config, at)?;
            Ok(Vec::new())
        }));
        assert_eq!(exit.unwrap(), Exit::Current);
        let said = String::from_utf8(said).unwrap();
        assert!(said.starts_with(&format!("demo in {}\n", dir.path().display())), "{said}");
        assert!(said.contains("\n  A story\n      Bytewire\n"), "{said}");
    }

    #[test]
    fn a_pass_that_gathers_nothing_is_no_success() {
        let dir = tempfile::tempdir().unwrap();
        let mut said = Vec::new();
        let exit = block_on(run(&args(dir.path()), now(), &mut said, async |path: &Path, _| {
            drop(Store::open(&Config::load(path)?.database)?);
            Ok(Vec::new())
        }));
        assert_eq!(exit.unwrap(), Exit::Nothing);
    }

    #[test]
    fn a_pass_that_fails_fails_the_demo() {
        let dir = tempfile::tempdir().unwrap();
        let mut said = Vec::new();
        let failed = block_on(run(&args(dir.path()), now(), &mut said, async |_: &Path, _| bail!("the disk is full")));
        assert_eq!(failed.unwrap_err().to_string(), "the disk is full");
    }

    #[test]
    fn a_feeds_toml_of_a_person_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("feeds.toml");
        std::fs::write(&path, "title = \"mine\"\n").unwrap();
        let mut said = Vec::new();
        let refused = block_on(run(&args(dir.path()), now(), &mut said, async |_: &Path, _| Ok(Vec::new())));
        assert!(refused.unwrap_err().to_string().contains("is not from a demo"));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "title = \"mine\"\n");
        std::fs::write(&path, origin::feeds_toml(([127, 0, 0, 1], 1).into())).unwrap();
        assert!(chosen_folder(dir.path()).is_ok());
    }

    #[test]
    fn a_fresh_folder_is_nobody_elses() {
        let dir = tempfile::tempdir().unwrap();
        let (first, second) = (fresh_folder(dir.path()).unwrap(), fresh_folder(dir.path()).unwrap());
        assert!(first.is_dir() && second.is_dir() && first != second);
    }

    #[test]
    fn only_loopback_is_served() {
        assert_eq!(loopback("127.0.0.1:8000"), Ok(([127, 0, 0, 1], 8000).into()));
        assert!(loopback("[::1]:0").is_ok());
        for bad in ["0.0.0.0:8000", "192.168.1.2:80", "8000", "localhost:80", ""] {
            assert!(loopback(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn outputs_are_served_with_their_types_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("feeds.toml");
        let config = Config::parse(&path, &origin::feeds_toml(([127, 0, 0, 1], 1).into())).unwrap();
        std::fs::create_dir_all(&config.output_dir).unwrap();
        for output in &config.outputs {
            std::fs::write(config.output_dir.join(&output.file), &output.file).unwrap();
        }
        std::fs::write(config.output_dir.join("secret.txt"), "secret").unwrap();
        while_served(output_pages(&config).unwrap(), |address| {
            for (path, content_type, body) in [
                ("/", "text/html; charset=utf-8", "index.html"),
                ("/index.html", "text/html; charset=utf-8", "index.html"),
                ("/feed.xml", "application/rss+xml; charset=utf-8", "feed.xml"),
                ("/atom.xml", "application/atom+xml; charset=utf-8", "atom.xml"),
                ("/feed.json", "application/feed+json", "feed.json"),
                ("/sources.opml", "text/x-opml; charset=utf-8", "sources.opml"),
            ] {
                let answer = ask(address, &format!("GET {path} HTTP/1.1"));
                assert!(answer.contains(&format!("content-type: {content_type}\r\n")), "{path}: {answer}");
                assert!(answer.ends_with(&format!("\r\n\r\n{body}")), "{path}: {answer}");
            }
            for path in ["/secret.txt", "/../feeds.toml", "/..%2f..%2ffeeds.toml", "/%2e%2e/feedloom.db"] {
                assert!(ask(address, &format!("GET {path} HTTP/1.1")).starts_with("HTTP/1.1 404 "), "{path}");
            }
        });
    }
}
