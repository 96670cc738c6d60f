//! What the posts did, for the operator.

use serde_json::json;

use super::tone::Tone;
use crate::cli::console;
use crate::cli::plural::count;
use crate::publish::PostReport;
use crate::text::for_terminal;

pub(super) fn note_posts(posts: &[PostReport], unnoted: Option<&str>, tone: Tone) {
    if let Some(error) = unnoted {
        console::warn(&format!("what this run published is not posted: {}", for_terminal(error)));
    }
    for post in posts {
        let PostReport { name, posted, waiting, failed, in_doubt, dropped, broken } = post;
        if tone == Tone::Person && (*posted > 0 || *waiting > 0) {
            let waiting = if *waiting > 0 { format!(", {waiting} waiting") } else { String::new() };
            console::note(&format!("posted  {name}: {}{waiting}", count(*posted, "story")));
        }
        if let Some((title, why)) = failed {
            let (title, why) = (for_terminal(title), for_terminal(why));
            console::warn(&format!("the post {name} failed on {title:?}, which is tried again later: {why}"));
        }
        if let Some((title, why)) = in_doubt {
            let (title, why) = (for_terminal(title), for_terminal(why));
            console::warn(&format!("the post {name} may have posted {title:?} or not; it is not tried again: {why}"));
        }
        for (title, why) in dropped {
            let (title, why) = (for_terminal(title), for_terminal(why));
            console::warn(&format!("the post {name} does not post {title:?}: {why}"));
        }
        if let Some(error) = broken {
            console::warn(&format!("the post {name} stopped: {}", for_terminal(error)));
        }
    }
}

pub(super) fn posts_json(posts: &[PostReport]) -> serde_json::Value {
    let one = |post: &PostReport| {
        let told = |of: &(String, String)| json!({"title": of.0, "why": of.1});
        json!({
            "name": post.name, "posted": post.posted, "waiting": post.waiting,
            "failed": post.failed.as_ref().map(told), "in_doubt": post.in_doubt.as_ref().map(told),
            "dropped": post.dropped.iter().map(told).collect::<Vec<_>>(), "error": post.broken,
        })
    };
    posts.iter().map(one).collect()
}
