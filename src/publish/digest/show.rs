//! Issues → items and documents: as they were made, but for what may no longer be published.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::Timestamp;

use super::issue::{Issue, IssueCredit, IssueStory, SHOWN};
use crate::config::{Digest, OutputConfig};
use crate::model::{CreditLine, Item, Republish, Signal, StoryId};
use crate::publish::allowance::allowance;
use crate::publish::body::shortened;
use crate::publish::document::Drawing;
use crate::publish::input::Input;
use crate::publish::render::{Nav, RenderError, escape_html, uri};
use crate::publish::rendered::Rendered;
use crate::publish::rule::Rule;
use crate::rights::{Allowance, Cause};

/// Titles that say what is in an issue.
const NAMED: usize = 3;

/// The document of a digest.
///
/// # Errors
/// [`RenderError`], which only a bug in a writer could cause.
pub(in crate::publish) fn document(input: &Input<'_>, output: &OutputConfig) -> Result<Rendered, RenderError> {
    let nav = Nav::of_newest(output);
    let (mut items, mut left_out) = (Vec::new(), BTreeMap::new());
    for (issue, shown) in newest(input, output, &|_| true) {
        match shown {
            Ok(item) => items.push(item),
            Err(rule) => drop(left_out.insert(issue.id.to_string(), rule)),
        }
    }
    let (bytes, items) = Drawing::new(input, output, &nav).draw_within(&items, &mut left_out)?;
    let kept = Rendered { left_out, may_be_empty: true, ..Rendered::of_items(output, bytes, &items) };
    let public = input.issues.of.get(&output.file).and_then(|of| of.public.as_ref());
    Ok(match public {
        Some(public) => public.beside(kept, output, input.taken_down),
        None => kept,
    })
}

/// The issues of a digest as items, the newest first, and when each was made.
pub(in crate::publish) fn items(input: &Input<'_>, output: &OutputConfig) -> Vec<(Timestamp, Item)> {
    newest(input, output, &|_| true).filter_map(|(issue, shown)| Some((issue.made, shown.ok()?))).collect()
}

/// The issues of a digest as items, the newest first, each with those of its stories that are `wanted`.
pub(in crate::publish) fn items_of(
    input: &Input<'_>,
    output: &OutputConfig,
    wanted: &dyn Fn(&StoryId) -> bool,
) -> Vec<Item> {
    newest(input, output, wanted).filter_map(|(_, shown)| shown.ok()).collect()
}

/// Whether a story in the issues of a digest may not be public any more.
pub(in crate::publish) fn has_denied(input: &Input<'_>, output: &OutputConfig) -> bool {
    let mut stories = newest(input, output, &|_| true).flat_map(|(issue, _)| &issue.stories);
    stories.any(|story| {
        let mut credits = story.credits.iter();
        credits.any(|credit| allowed(input, output, story, credit).is_err_and(|rule| rule.is_denial()))
    })
}

/// The stories in the issues that a digest shows, with their titles.
pub(in crate::publish) fn stories(input: &Input<'_>, output: &OutputConfig) -> Vec<(StoryId, String)> {
    let stories = newest(input, output, &|_| true).flat_map(|(issue, _)| &issue.stories);
    stories.map(|story| (story.id.clone(), story.title.clone())).collect()
}

/// The newest issues of a digest, and what of each may be shown of the stories that are `wanted`.
fn newest<'a>(
    input: &'a Input<'_>,
    output: &'a OutputConfig,
    wanted: &'a dyn Fn(&StoryId) -> bool,
) -> impl Iterator<Item = (&'a Issue, Result<Item, Rule>)> {
    let kept = input.issues.of.get(&output.file).zip(output.digest.as_ref());
    kept.into_iter().flat_map(move |(of, digest)| {
        let newest = of.issues.iter().rev().take(SHOWN);
        newest.map(move |issue| (issue, Showing { input, output, digest, wanted }.item(issue)))
    })
}

/// How issues are shown.
struct Showing<'a> {
    input: &'a Input<'a>,
    output: &'a OutputConfig,
    digest: &'a Digest,
    wanted: &'a dyn Fn(&StoryId) -> bool,
}

impl Showing<'_> {
    /// # Errors
    /// The rule by which nothing in it may be published any more: a denial, if there is one among them.
    fn item(&self, issue: &Issue) -> Result<Item, Rule> {
        let Self { input, output, digest, wanted } = *self;
        let (mut stories, mut rules) = (Vec::new(), Vec::new());
        for story in issue.stories.iter().filter(|story| wanted(&story.id)) {
            match shown(input, output, story) {
                Ok(story) => stories.push(story),
                Err(rule) => rules.push(rule),
            }
        }
        rules.sort_by_key(|rule| !rule.is_denial());
        let why_not = || rules.into_iter().next().unwrap_or(Rule::NoSource);
        let credits = stories.iter().filter_map(|story| Some(story.credits.first()?.attribution(story.published)));
        let name = output.title.as_ref().unwrap_or(&input.config.title);
        let title = format!("{name}: {}", issue.date);
        let mut item = Item::new(issue.id.clone(), title, issue.due, credits.collect()).map_err(|_| why_not())?;
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
        Ok(item)
    }
}

/// What of a story may be shown today.
///
/// # Errors
/// The rule by which nothing of it may be.
fn shown(input: &Input<'_>, output: &OutputConfig, story: &IssueStory) -> Result<IssueStory, Rule> {
    let lead = story.credits.first().ok_or(Rule::NoSource)?;
    let allowed = allowed(input, output, story, lead)?;
    let may_stay = |credit: &&IssueCredit| self::allowed(input, output, story, credit).is_ok();
    let credits = story.credits.iter().filter(may_stay).cloned().collect();
    let excerpt = match &allowed.shortened_by {
        _ if allowed.extent >= Republish::Headline => String::new(),
        Some(_) if story.excerpt.chars().count() > allowed.excerpt_chars => {
            shortened(&story.excerpt, &story.title, allowed.excerpt_chars)
        }
        _ => story.excerpt.clone(),
    };
    // Sections of today: what was in another one comes first.
    let sections = output.digest.as_ref().map(|digest| &*digest.sections).unwrap_or_default();
    let section = if sections.contains(&story.section) { story.section.clone() } else { String::new() };
    Ok(IssueStory { credits, excerpt, section, ..story.clone() })
}

/// How much of what an issue credits may be shown today.
///
/// # Errors
/// The rule by which nothing of it may be.
fn allowed(
    input: &Input<'_>,
    output: &OutputConfig,
    story: &IssueStory,
    credit: &IssueCredit,
) -> Result<Allowance, Rule> {
    if input.taken_down.names(&story.id, credit.url.as_str()) || input.taken_down.has_source(&credit.source) {
        return Err(Rule::TakenDown);
    }
    let source = input.sources.values().find(|source| source.id.as_str() == credit.source).ok_or(Rule::NoSource)?;
    let today = |stated: &[Signal]| allowance(input.config, Some(output), source, stated);
    let of_entries = credit.stated.iter().map(|stated| today(stated));
    let strictest = of_entries.max_by_key(|allowed| (allowed.extent, Reverse(allowed.excerpt_chars)));
    let allowed = strictest.unwrap_or_else(|| today(&[]));
    match &allowed.cause {
        _ if allowed.extent < Republish::Off => Ok(allowed),
        Cause::OutputPolicy => Err(Rule::OutputOff),
        _ => Err(Rule::Rights(allowed.sentence())),
    }
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use url::Url;

    use super::super::issue::{Issues, OfDigest};
    use super::*;
    use crate::config::Config;
    use crate::model::{Source, SourceId, test_source};
    use crate::publish::gate::GateError;
    use crate::publish::isolate::isolated_issues;
    use crate::publish::{CopiedPictures, Derived, FacetPages, StoryPages, TakenDown};

    const TOML: &str = "link = \"https://f.example/\"\n[[source]]\nurl = \"https://amber.example/feed\"\n\
        [[output]]\nfile = \"digest.xml\"\ndigest = \"daily\"\n[[output]]\nfile = \"digest.json\"\ndigest = \"daily\"\n";

    fn story(id: u32, title: &str) -> IssueStory {
        IssueStory {
            id: StoryId::parse(&format!("{id:a>16}")).unwrap(),
            section: String::new(),
            title: title.to_owned(),
            excerpt: String::new(),
            disclosure: String::new(),
            published: Timestamp::UNIX_EPOCH,
            credits: vec![IssueCredit {
                source: "amber".to_owned(),
                name: "Amber".to_owned(),
                title: title.to_owned(),
                url: Url::parse(&format!("https://amber.example/{id}")).unwrap(),
                author: None,
                rights: None,
                licenses: Vec::new(),
                via: None,
                stated: Vec::new(),
            }],
        }
    }

    fn issue(id: char, stories: Vec<IssueStory>) -> Issue {
        let time = Timestamp::UNIX_EPOCH;
        Issue {
            id: StoryId::parse(&id.to_string().repeat(16)).unwrap(),
            date: "2026-11-10".parse().unwrap(),
            due: time,
            made: time,
            stories,
        }
    }

    #[test]
    fn a_refused_issue_goes_without_the_story_that_it_is_refused_for() {
        let config = Config::parse(Path::new("/nowhere/feeds.toml"), TOML).unwrap();
        let sources: BTreeMap<SourceId, Source> = [test_source("amber", |_| ())].into();
        let issues = vec![
            issue('b', vec![story(2, "Copper rises"), story(3, "odd"), story(4, "Ferries stop")]),
            issue('c', vec![story(5, "odd, too")]),
            issue('d', vec![story(6, "Tin falls")]),
        ];
        for output in &config.outputs {
            let of = OfDigest { issues: issues.clone(), ..OfDigest::default() };
            let input = Input {
                now: Timestamp::UNIX_EPOCH,
                config: &config,
                outputs_are_as_left: true,
                config_is_new: false,
                tag_base: "tag:f.example,2026:",
                sources: &sources,
                stories: &[],
                top_items: &BTreeMap::new(),
                issues: &Issues { of: [(output.file.clone(), of)].into() },
                story_pages: &StoryPages::default(),
                facet_pages: &FacetPages::default(),
                pictures: &CopiedPictures::default(),
                taken_down: &TakenDown::default(),
                derived: &Derived::of(&sources),
            };
            let refused = document(&input, output).unwrap();
            let has_odd = |rendered: &Rendered| String::from_utf8_lossy(&rendered.bytes).contains("odd");
            let gate = |rendered: &Rendered| match has_odd(rendered) {
                true => Err(GateError::Unreadable("odd".to_owned())),
                false => Ok(()),
            };
            assert_eq!(refused.items, 3);
            let (rest, named) = isolated_issues(&input, output, &refused, &gate).unwrap();
            let titles: Vec<&str> = named.iter().map(|item| item.title.as_str()).collect();
            assert_eq!((rest.items, titles), (2, vec!["odd, too", "odd"]), "{}", output.file);
            let text = String::from_utf8(rest.bytes).unwrap();
            for stays in ["Copper rises", "Ferries stop", "Tin falls"] {
                assert!(text.contains(stays), "{stays}: {text}");
            }
            assert!(isolated_issues(&input, output, &refused, &|_| Ok(())).is_none());
            let nothing = |_: &Rendered| Err(GateError::Unreadable("all".to_owned()));
            assert!(isolated_issues(&input, output, &refused, &nothing).is_none());
        }
    }
}
