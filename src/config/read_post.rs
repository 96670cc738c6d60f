//! One `[[post]]` from its table to a checked [`PostConfig`].

use std::time::Duration;

use jiff::SignedDuration;

use super::output::{Format, OutputConfig};
use super::post::{PostConfig, PostEvent};
use super::problems::Problems;
use super::program::{read_env, read_program};
use super::read_output::{OutputContext, read_choice, usual};
use super::table::Table;

/// A post looks at this many stories, the newest.
const ITEMS: usize = 1_000;
/// Most calls in a run, unless it says otherwise: a first run does not flood anybody.
const BURST: usize = 10;
/// Most calls in an hour: more than one in two minutes is read by nobody.
const PER_HOUR: usize = 30;
/// The upper limit of both.
const MOST_CALLS: i64 = 1_000;
/// How long one call may take.
const TIMEOUT: Duration = Duration::from_secs(30);
const TIMEOUTS: std::ops::RangeInclusive<SignedDuration> = SignedDuration::from_secs(1)..=SignedDuration::from_mins(5);

/// Reads every `[[post]]`.
pub(super) fn read_posts(top: &Table<'_>, context: &OutputContext<'_>, problems: &Problems) -> Vec<PostConfig> {
    let mut posts: Vec<PostConfig> = Vec::new();
    for table in top.tables("post") {
        let at = table.at.clone();
        let Some(post) = read_post(table, context) else { continue };
        if posts.iter().any(|other| other.name == post.name) {
            let what = format!("two posts are called {:?}", post.name);
            problems.add(at, what, "give each a name of its own: name = \"mastodon\"");
        } else {
            posts.push(post);
        }
    }
    posts
}

fn read_post(table: Table<'_>, context: &OutputContext<'_>) -> Option<PostConfig> {
    let program = read_program(&table, "run", context.folder);
    if table.raw().get("run").is_none() {
        table.wrong(table.at.clone(), "this post has no program", "add run = [\"./toot\"]");
    }
    let name = table.words("name").map(|name| name.value.trim().to_owned());
    let events = events(&table);
    let calls = |key| table.whole(key, 1..=MOST_CALLS).and_then(|calls| usize::try_from(calls).ok());
    let (burst, per_hour) = (calls("burst").unwrap_or(BURST), calls("per_hour").unwrap_or(PER_HOUR));
    let timeout = table.duration("timeout", TIMEOUTS).and_then(|limit| Duration::try_from(limit).ok());
    let env = read_env(&table);
    let output = read_choice(&table, context, usual(String::new(), Format::Json, &context.speech));
    table.finish();
    let program = program?;
    let name = name.unwrap_or_else(|| stem(&program.words[0]).to_owned());
    let output = OutputConfig { file: format!("post {name}"), items: ITEMS, ..output };
    Some(PostConfig { name, program, output, events, burst, per_hour, timeout: timeout.unwrap_or(TIMEOUT), env })
}

fn events(table: &Table<'_>) -> Vec<PostEvent> {
    let (mut events, mut last) = (Vec::new(), None);
    for name in table.texts("events") {
        last = Some(name.at.clone());
        match PostEvent::of_name(name.value) {
            Some(event) => events.push(event),
            None => {
                let what = format!("no story has the event {:?}", name.value);
                table.wrong(name.at, what, "write \"new\", \"updated\" or \"taken_down\"");
            }
        }
    }
    if let Some(at) = last.filter(|_| !events.is_empty() && !events.contains(&PostEvent::New)) {
        let what = "what was never posted is neither updated nor taken down".to_owned();
        table.wrong(at, what, "add \"new\" to `events`");
    }
    if events.is_empty() { vec![PostEvent::New] } else { events }
}

/// The name of a program without folder and extension.
fn stem(word: &str) -> &str {
    let name = word.rsplit('/').next().unwrap_or(word);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}
