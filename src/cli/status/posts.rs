//! How the posts stand.

use jiff::Timestamp;
use serde_json::json;

use super::rough::rough;
use crate::cli::console;
use crate::cli::plural::count;
use crate::publish::PostStanding;
use crate::text::for_terminal;

/// Most titles named per post.
const MOST_NAMED: usize = 10;

pub(super) fn print_posts(posts: &[PostStanding], now: Timestamp) {
    for post in posts {
        let last = post.last.map(|at| format!(", the last {} ago", rough(now.duration_since(at)))).unwrap_or_default();
        let waiting = if post.waiting > 0 { format!("; {} waiting", post.waiting) } else { String::new() };
        console::print(&format!("post {}: {} posted{last}{waiting}", post.name, count(post.posted, "story")));
        if let Some((times, why)) = &post.failing {
            let times = if *times == 1 { "once".to_owned() } else { format!("{times} times in a row") };
            console::print_prose(&format!("  failed {times}: {}", for_terminal(why)));
        }
        print_titles("may be posted or not, and is not tried again", &post.in_doubt);
        print_titles("not posted", &post.dropped);
    }
}

fn print_titles(what: &str, titles: &[(String, String)]) {
    let earlier = titles.len().saturating_sub(MOST_NAMED);
    for (title, why) in &titles[earlier..] {
        console::print_prose(&format!("  {what}: {:?}: {}", for_terminal(title), for_terminal(why)));
    }
    if earlier > 0 {
        console::print(&format!("  {what}: {earlier} more"));
    }
}

pub(super) fn json(posts: &[PostStanding]) -> serde_json::Value {
    let told = |all: &[(String, String)]| -> Vec<serde_json::Value> {
        all.iter().map(|(title, why)| json!({"title": title, "why": why})).collect()
    };
    let one = |post: &PostStanding| {
        let failing = post.failing.as_ref().map(|(times, why)| json!({"times": times, "why": why}));
        json!({
            "name": post.name, "posted": post.posted, "last": post.last.map(|at| at.to_string()),
            "waiting": post.waiting, "failing": failing,
            "in_doubt": told(&post.in_doubt), "dropped": told(&post.dropped),
        })
    };
    posts.iter().map(one).collect()
}
