//! Issues → items and documents: as they were made, but for what may no longer be published.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::issue::{Issue, IssueCredit, IssueStory};
use crate::config::{Digest, OutputConfig};
use crate::model::{CreditLine, Item, Republish, Source};
use crate::publish::allowance::allowance;
use crate::publish::document::Drawing;
use crate::publish::input::Input;
use crate::publish::render::{Nav, RenderError, escape_html, uri};
use crate::publish::rendered::Rendered;
/// Issues in a document.
const SHOWN: usize = 31;
/// Titles that say what is in an issue.
const NAMED: usize = 3;

/// The document of a digest.
///
/// # Errors
/// [`RenderError`], which only a bug in a writer could cause.
pub(in crate::publish) fn document(input: &Input<'_>, output: &OutputConfig) -> Result<Rendered, RenderError> {
    let nav = Nav::of_newest(output);
    let items: Vec<Item> = items(input, output).into_iter().map(|(_, item)| item).collect();
    let mut left_out = BTreeMap::new();
    let (bytes, items) = Drawing::new(input, output, &nav).draw_within(&items, &mut left_out)?;
    Ok(Rendered { left_out, may_be_empty: true, ..Rendered::of_items(output, bytes, &items) })
}

/// The issues of a digest as items, the newest first, and when each was made.
pub(in crate::publish) fn items(input: &Input<'_>, output: &OutputConfig) -> Vec<(Timestamp, Item)> {
    let (Some(of), Some(digest)) = (input.issues.of.get(&output.file), &output.digest) else { return Vec::new() };
    let newest = of.issues.iter().rev().take(SHOWN);
    newest.filter_map(|issue| Some((issue.made, item(input, output, digest, issue)?))).collect()
}

/// `None`: nothing in it may be published any more.
fn item(input: &Input<'_>, output: &OutputConfig, digest: &Digest, issue: &Issue) -> Option<Item> {
    let stories: Vec<IssueStory> = issue.stories.iter().filter_map(|story| shown(input, output, story)).collect();
    let credits = stories.iter().filter_map(|story| Some(story.credits.first()?.attribution(story.published)));
    let name = output.title.as_ref().unwrap_or(&input.config.title);
    let title = format!("{name}: {}", issue.date);
    let mut item = Item::new(issue.id.clone(), title, issue.due, credits.collect()).ok()?;
    let named: Vec<&str> = stories.iter().take(NAMED).map(|story| story.title.as_str()).collect();
    item.excerpt = named.join(" · ");
    let (mut html, mut text) = (Vec::new(), Vec::new());
    let unnamed = [String::new()];
    for section in unnamed.iter().chain(&digest.sections) {
        let mut of_it = stories.iter().filter(|story| story.section == *section).peekable();
        if of_it.peek().is_some() && !section.is_empty() {
            html.push(format!("<h2>{}</h2>", escape_html(section)));
            text.push(section.to_uppercase());
        }
        for story in of_it {
            html.push(story_html(story));
            text.push(story_text(story));
        }
    }
    item.body_html = html.join("\n");
    item.body_text = text.join("\n\n");
    item.credit = CreditLine { is_usual: true, is_last: true, ..CreditLine::default() };
    Some(item)
}

/// What of a story may be shown today; `None`: nothing.
fn shown(input: &Input<'_>, output: &OutputConfig, story: &IssueStory) -> Option<IssueStory> {
    let source = |credit: &IssueCredit| input.sources.values().find(|source| source.id.as_str() == credit.source);
    let extent = |source: &Source| allowance(input.config, Some(output), source, &[]).extent;
    let may_stay = |credit: &&IssueCredit| {
        !input.taken_down.names(&story.id, credit.url.as_str())
            && source(credit).is_some_and(|source| extent(source) < Republish::Off)
    };
    let lead = story.credits.first().filter(may_stay)?;
    let credits = story.credits.iter().filter(may_stay).cloned().collect();
    let has_text = source(lead).is_some_and(|source| extent(source) < Republish::Headline);
    let excerpt = if has_text { story.excerpt.clone() } else { String::new() };
    // Sections of today: what was in another one comes first.
    let sections = output.digest.as_ref().map(|digest| &*digest.sections).unwrap_or_default();
    let section = if sections.contains(&story.section) { story.section.clone() } else { String::new() };
    Some(IssueStory { credits, excerpt, section, ..story.clone() })
}

fn story_html(story: &IssueStory) -> String {
    let [lead, others @ ..] = &story.credits[..] else { return String::new() };
    let link = |credit: &IssueCredit, words: &str| {
        format!("<a href=\"{}\">{}</a>", escape_html(&uri(&credit.url)), escape_html(words))
    };
    let also: String = others.iter().map(|credit| format!(", {}", link(credit, &credit.name))).collect();
    let mut html = format!("<h3>{}</h3>\n", link(lead, &story.title));
    for words in [&story.disclosure, &story.excerpt].into_iter().filter(|words| !words.is_empty()) {
        html.push_str(&format!("<p>{}</p>\n", escape_html(words)));
    }
    html.push_str(&format!("<p><em>{}{}{also}</em></p>", escape_html(&by(lead)), escape_html(&lead.name)));
    html
}

fn story_text(story: &IssueStory) -> String {
    let [lead, others @ ..] = &story.credits[..] else { return String::new() };
    let also: String = others.iter().map(|credit| format!(", {} <{}>", credit.name, credit.url)).collect();
    let words = [&story.title, &story.disclosure, &story.excerpt];
    let mut lines: Vec<String> = words.into_iter().filter(|words| !words.is_empty()).cloned().collect();
    lines.push(format!("{}{} <{}>{also}", by(lead), lead.name, lead.url));
    lines.join("\n")
}

fn by(credit: &IssueCredit) -> String {
    credit.author.as_ref().map(|author| format!("{author}, ")).unwrap_or_default()
}
