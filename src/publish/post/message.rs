//! What a program is given about a story: its item as in feed.json, and what happened.

use serde_json::{Value, json};

use super::account::Standing;
use crate::config::{PostConfig, PostEvent};
use crate::model::{Item, StoryId};
use crate::publish::document::Drawing;
use crate::publish::gate::check_document;
use crate::publish::input::Input;
use crate::publish::rendered::Rendered;
use crate::publish::story_pages::nav_of_feed;

/// The message about `item`; what the gate refuses is never given to a program.
///
/// # Errors
/// Why it cannot be posted, as a sentence.
pub(super) fn of_item(
    item: &Item,
    event: PostEvent,
    post: &PostConfig,
    receipt: Option<&str>,
    input: &Input<'_>,
) -> Result<String, String> {
    let nav = nav_of_feed(input, &post.output, &[]);
    let items = std::slice::from_ref(item);
    let bytes = Drawing::new(input, &post.output, &nav).draw(items).map_err(|error| error.to_string())?;
    let rendered = Rendered::of_items(&post.output, bytes, items);
    check_document(&rendered).map_err(|error| format!("the gate refuses it: {error}"))?;
    let document: Value = serde_json::from_slice(&rendered.bytes).map_err(|error| error.to_string())?;
    let mut message = document["items"][0].clone();
    add_event(&mut message, &item.story, event, post, receipt);
    Ok(message.to_string())
}

/// The message about a story that was taken down: nothing of its text.
pub(super) fn of_taken_down(
    story: &StoryId,
    standing: &Standing,
    post: &PostConfig,
    receipt: Option<&str>,
    input: &Input<'_>,
) -> String {
    let mut message = json!({"id": format!("{}s/{story}", input.tag_base), "url": standing.url});
    add_event(&mut message, story, PostEvent::TakenDown, post, receipt);
    message.to_string()
}

fn add_event(message: &mut Value, story: &StoryId, event: PostEvent, post: &PostConfig, receipt: Option<&str>) {
    message["event"] = event.name().into();
    message["post"] = post.name.clone().into();
    message["story"] = story.as_str().into();
    if let Some(receipt) = receipt.filter(|receipt| !receipt.is_empty()) {
        message["receipt"] = receipt.into();
    }
}
