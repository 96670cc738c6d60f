//! An item set → the document of an output, within its largest size.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::allowance::is_published;
use super::body;
use super::channel::{alternates, channel};
use super::input::Input;
use super::item_set::ItemSet;
use super::render::{self, Alternate, Nav, PagePictures, RenderError, StoryTemplate, StoryView};
use super::rendered::{MAX_DOCUMENT_BYTES, MAX_PAGE_BYTES, Rendered};
use super::rule::Rule;
use super::scope::qualifies;
use super::select::half_of;
use crate::config::{Format, OutputConfig};
use crate::model::{Channel, Item, Source};

/// The document of `output` with at most `limit` items of the set.
///
/// # Errors
/// [`RenderError`], which only a bug in a writer could cause; a template or a filter that cannot be used results in a
/// document that failed.
pub(super) fn document(
    input: &Input<'_>,
    output: &OutputConfig,
    set: &ItemSet<'_>,
    limit: usize,
    nav: &Nav,
) -> Result<Rendered, RenderError> {
    let drawing = Drawing::new(input, output, nav);
    let (items, beyond) = set.items.split_at(limit.min(set.items.len()));
    let mut left_out = set.left_out.clone();
    leave_out(&mut left_out, beyond, MAX_DOCUMENT_BYTES);
    if let Some((program, reason)) = &set.broken {
        let failed = Some(RenderError::filter(program, reason));
        return Ok(Rendered { failed, left_out, ..Rendered::of_items(output, Vec::new(), items) });
    }
    match drawing.draw_within(items, &mut left_out) {
        Ok((bytes, items)) => Ok(Rendered { left_out, ..Rendered::of_items(output, bytes, &items) }),
        Err(error @ RenderError::Template { .. }) if output.template.is_some() => {
            Ok(Rendered { failed: Some(error), left_out, ..Rendered::of_items(output, Vec::new(), items) })
        }
        Err(error) => Err(error),
    }
}

/// The list of the sources of `output`.
pub(super) fn list_of_sources(input: &Input<'_>, output: &OutputConfig) -> Result<Rendered, RenderError> {
    let nav = Nav::of_newest(output);
    let drawing = Drawing::new(input, output, &nav);
    let bytes = drawing.draw(&[])?;
    Ok(Rendered::list(output, bytes, drawing.sources.len()))
}

/// Everything that is the same however many items a document has.
pub(super) struct Drawing<'a> {
    input: Input<'a>,
    output: &'a OutputConfig,
    nav: &'a Nav,
    channel: Channel,
    sources: Vec<&'a Source>,
    feeds: Vec<Alternate<'a>>,
    about: Option<&'a str>,
}

impl<'a> Drawing<'a> {
    pub(super) fn new(input: &Input<'a>, output: &'a OutputConfig, nav: &'a Nav) -> Self {
        let of_it = |source: &&Source| qualifies(output, source) && is_published(source, input.config);
        // How the sources fare is on the page of the newest stories alone: those of days, tags and sources stay as they are.
        let sources = if nav.is_of_all() { input.sources.values().filter(of_it).collect() } else { Vec::new() };
        let about = input.config.outputs.iter().find(|other| other.format == Format::About);
        Self {
            input: *input,
            output,
            nav,
            channel: channel(input, output),
            sources,
            feeds: alternates(input.config, output, nav),
            about: about.map(|about| about.file.as_str()),
        }
    }

    pub(super) fn draw(&self, items: &[Item]) -> Result<Vec<u8>, RenderError> {
        let channel = self.channel_of(items);
        render::render(self.output.format, &self.page(&channel, &self.output.file, items))
    }

    /// The page `file` of a single story.
    pub(super) fn draw_story(
        &self,
        template: &StoryTemplate<'_>,
        file: &str,
        story: &StoryView<'_>,
    ) -> Result<Vec<u8>, RenderError> {
        let items = std::slice::from_ref(story.item);
        let channel = self.channel_of(items);
        template.render(&self.page(&channel, file, items), story)
    }

    fn channel_of(&self, items: &[Item]) -> Channel {
        Channel { updated: items.iter().map(|item| item.updated).max(), ..self.channel.clone() }
    }

    fn page<'p>(&'p self, channel: &'p Channel, file: &'p str, items: &'p [Item]) -> render::Page<'p> {
        render::Page {
            channel,
            file,
            items,
            sources: &self.sources,
            feeds: &self.feeds,
            phrases: &self.output.phrases,
            template: self.output.template.as_ref(),
            nav: self.nav,
            pictures: PagePictures::of(self.output.images, self.input.pictures),
            about: self.about,
        }
    }

    /// The document with as many of `items` as fit, and those: the longest texts are shortened first, then the items
    /// that are last in line are left out.
    pub(super) fn draw_within<'i>(
        &self,
        items: &'i [Item],
        left_out: &mut BTreeMap<String, Rule>,
    ) -> Result<(Vec<u8>, Cow<'i, [Item]>), RenderError> {
        let is_front = self.output.format == Format::Html && self.nav.day.is_none();
        let most_bytes = match self.output.format {
            _ if is_front => MAX_PAGE_BYTES,
            format if format.is_feed() => self.output.max_bytes,
            _ => MAX_DOCUMENT_BYTES,
        };
        let mut items = Cow::Borrowed(items);
        let mut bytes = self.draw(&items)?;
        while self.output.format.is_feed() && bytes.len() > most_bytes && items.len() > 1 {
            let Some(shorter) = self.shortened(&items, bytes.len(), most_bytes) else { break };
            items = Cow::Owned(shorter);
            bytes = self.draw(&items)?;
        }
        // What matters most stays in front, however much has come after it.
        let top = if is_front { render::top_stories(&items, self.nav) } else { Vec::new() };
        while bytes.len() > most_bytes && items.len() > 1 {
            // The share that fits, and at least one less; a second round is rare.
            let fits = (items.len() * most_bytes / bytes.len()).clamp(1, items.len() - 1);
            // What is on the page of a tag or a source was chosen for different documents: it has no places in one line.
            let is_one_line = self.nav.facet.is_none();
            let shares = if is_one_line { shares(&items, half_of(fits)) } else { vec![0; items.len()] };
            let rank = |at: usize, item: &Item| {
                let place = if is_one_line { item.place } else { 0 };
                (!top[..top.len().min(fits)].contains(&item.story), shares[at], place, at)
            };
            let (kept, beyond) = within(items.into_owned(), fits, rank);
            leave_out(left_out, &beyond, most_bytes);
            items = Cow::Owned(kept);
            bytes = self.draw(&items)?;
        }
        Ok((bytes, items))
    }

    /// `items`, with the longest texts reduced to excerpts, so that a document of this many bytes comes to about
    /// the maximum; `None` if no text is left that could be shortened.
    fn shortened(&self, items: &[Item], bytes: usize, most_bytes: usize) -> Option<Vec<Item>> {
        // A format may hold a text more than once: each has its share of the document.
        let excess = bytes.saturating_sub(most_bytes);
        let saved = |item: &Item| item.text_html.len().saturating_sub(body::paragraphs(&item.excerpt).len());
        let texts: usize = items.iter().map(|item| item.text_html.len()).sum();
        let mut longest: Vec<usize> =
            (0..items.len()).filter(|at| saved(&items[*at]) > 0 && !items[*at].is_borrowed).collect();
        longest.sort_by_key(|at| (Reverse(saved(&items[*at])), *at));
        let mut shorter = items.to_vec();
        let mut gone = 0;
        for at in &longest {
            if gone * bytes / texts.max(1) >= excess {
                break;
            }
            let item = &mut shorter[*at];
            let source = self.input.sources.values().find(|source| source.id.as_str() == item.lead().source.id)?;
            gone += saved(item);
            item.text_html = body::paragraphs(&item.excerpt);
            let text = item.excerpt.clone();
            body::compose(item, source, self.output, &text);
        }
        (!longest.is_empty()).then_some(shorter)
    }
}

/// For each of `items` which share of its source it belongs to, of so many at `most`.
fn shares(items: &[Item], most: usize) -> Vec<usize> {
    let mut line: Vec<usize> = (0..items.len()).collect();
    line.sort_by_key(|at| items[*at].place);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut shares = vec![0; items.len()];
    for at in line {
        let count = counts.entry(&items[at].lead().source.id).or_default();
        shares[at] = *count / most;
        *count += 1;
    }
    shares
}

/// `count` of `items`, those with the lowest `rank` of their place and themselves, all in their order; and the rest.
fn within<R: Ord>(items: Vec<Item>, count: usize, rank: impl Fn(usize, &Item) -> R) -> (Vec<Item>, Vec<Item>) {
    let mut line: Vec<usize> = (0..items.len()).collect();
    line.sort_by_key(|at| rank(*at, &items[*at]));
    line.truncate(count);
    line.sort_unstable();
    let mut line = line.into_iter().peekable();
    let placed = items.into_iter().enumerate();
    let (kept, beyond): (Vec<_>, Vec<_>) = placed.partition(|(at, _)| line.next_if_eq(at).is_some());
    let items = |some: Vec<(usize, Item)>| some.into_iter().map(|(_, item)| item).collect();
    (items(kept), items(beyond))
}

fn leave_out(left_out: &mut BTreeMap<String, Rule>, items: &[Item], most_bytes: usize) {
    left_out.extend(items.iter().map(|item| (item.story.to_string(), Rule::Size(most_bytes))));
}
