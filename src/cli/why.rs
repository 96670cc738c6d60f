use anyhow::{Result, bail};
use serde_json::json;
use url::Url;

use super::session::Session;
use super::{Exit, talk};
use crate::model::{Reason, Story, StoryId};
use crate::store::{Store, StoryNumber};
use crate::text::for_terminal;
use crate::weave;

/// Stories shown where words in a title fit several.
const SHOWN: usize = 5;

/// Show a story's entries and why each is in it
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A story's id, an article's address, or words of a title
    #[arg(value_name = "STORY|URL|TITLE", required = true)]
    what: Vec<String>,

    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(session: &Session, args: &Args) -> Result<Exit> {
    let config = session.load()?;
    let store = session.look_into(&config)?;
    let what = args.what.join(" ");
    let found = find(&store, what.trim())?;
    if found.is_empty() {
        bail!("no story has the id, the address or the title {:?}; try fewer words of its title", what.trim());
    }
    for (place, number) in found.iter().enumerate() {
        let story = store.story(*number)?;
        if args.json {
            talk::print(&as_json(&story).to_string());
        } else {
            if place > 0 {
                talk::print("");
            }
            tell(&story);
        }
    }
    Ok(Exit::Current)
}

fn find(store: &Store, what: &str) -> Result<Vec<StoryNumber>> {
    let id = what.rsplit('/').next().and_then(StoryId::parse);
    if let Some(number) = id.map(|id| store.story_by_id(&id)).transpose()?.flatten() {
        return Ok(vec![number]);
    }
    let url = Url::parse(what).ok().filter(Url::has_host);
    if let Some(url) = url {
        return Ok(store.story_by_address(weave::address_hash(&url))?.into_iter().collect());
    }
    Ok(store.stories_by_title(what, SHOWN)?)
}

fn tell(story: &Story) {
    let lead = &story.members[story.lead].entry;
    talk::print(&for_terminal(&lead.title));
    let published = match story.first_published {
        Some(at) => format!("published {}", at.strftime("%Y-%m-%d %H:%M UTC")),
        None => "not published yet".to_owned(),
    };
    let count = story.members.len();
    talk::print(&format!(
        "story {} · {count} {} · {published}",
        story.id,
        if count == 1 { "entry" } else { "entries" }
    ));
    for (place, member) in story.members.iter().enumerate() {
        let entry = &member.entry;
        let leads = if place == story.lead { ", leads" } else { "" };
        let time = entry.effective_time().strftime("%Y-%m-%d %H:%M");
        talk::print(&format!("\n  {} ({time}{leads})", entry.key.source));
        talk::print(&format!("    {}", for_terminal(&entry.title)));
        talk::print(&format!("    {}", entry.url));
        talk::print(&format!("    {}", for_terminal(&sentence(&member.reason, story))));
    }
}

/// Why an entry is in its story, as a sentence.
fn sentence(reason: &Reason, story: &Story) -> String {
    let named = match reason {
        Reason::Similar { nearest, .. } => Some(nearest),
        Reason::Bridged { by } => Some(by),
        _ => None,
    };
    let titled = named.and_then(|key| story.members.iter().find(|member| member.entry.key == *key));
    weave::sentence(reason, titled.map(|member| member.entry.title.as_str()))
}

fn as_json(story: &Story) -> serde_json::Value {
    let entries: Vec<serde_json::Value> = story
        .members
        .iter()
        .enumerate()
        .map(|(place, member)| {
            let entry = &member.entry;
            json!({
                "source": entry.key.source.as_str(),
                "guid": entry.key.guid,
                "url": entry.url.as_str(),
                "title": entry.title,
                "time": entry.effective_time().to_string(),
                "joined": member.joined.to_string(),
                "leads": place == story.lead,
                "reason": reason_json(&member.reason),
                "sentence": sentence(&member.reason, story),
            })
        })
        .collect();
    json!({
        "story": story.id.as_str(),
        "first_published": story.first_published.map(|at| at.to_string()),
        "date": story.date.map(|at| at.to_string()),
        "entries": entries,
    })
}

fn reason_json(reason: &Reason) -> serde_json::Value {
    match reason {
        Reason::Opened => json!({"rule": "opened"}),
        Reason::SameAddress { address } => json!({"rule": "same_address", "address": address}),
        Reason::LinksTo { address } => json!({"rule": "links_to", "address": address}),
        Reason::SameTitle { title, hours_apart } => {
            json!({"rule": "same_title", "title": title, "hours_apart": hours_apart})
        }
        Reason::Similar { score, nearest, shared, hours_apart } => json!({
            "rule": "similar", "score": score, "shared": shared, "hours_apart": hours_apart,
            "nearest": {"source": nearest.source.as_str(), "guid": nearest.guid},
        }),
        Reason::Bridged { by } => {
            json!({"rule": "bridged", "by": {"source": by.source.as_str(), "guid": by.guid}})
        }
        Reason::ByHand => json!({"rule": "by_hand"}),
    }
}
