//! The next story of a page that goes on for ever: it begins with its own headline, behind the article.

use ego_tree::NodeRef;
use scraper::node::Element;
use scraper::{Html, Node};
use url::Url;

use super::names::likeness;
use super::tags::Tag;
use super::tree::{Parts, up};
use crate::text::web_url;

/// A text of fewer characters than this is not an article: then nothing beside it can be told from it.
pub(super) const LEAST_CHARS: usize = 250;
/// Headlines that share this much are the same.
const ALIKE: f32 = 0.6;

/// Marks a story that begins with its own headline after the article, which is called `title` and stands at `url`.
pub(super) fn mark(page: &Html, parts: &Parts, kept: &[bool], beside: &mut [bool], (title, url): (&str, &Url)) {
    if title.is_empty() {
        return;
    }
    mark_boxes(page, parts, kept, beside, title);
    let is_headline = |at: &usize| parts.elements[parts.blocks[*at].element].tag == Tag::H(1);
    let Some(own) = headline(parts, title, is_headline) else { return };
    let around: Vec<usize> = up(parts, parts.blocks[own].element).collect();
    let article = around.iter().find(|element| parts.elements[**element].tag == Tag::Article);
    for at in own + 1..parts.blocks.len() {
        let block = parts.blocks[at].element;
        // The largest element around the block that does not contain the article's own headline.
        let Some(other) = up(parts, block).take_while(|element| !around.contains(element)).last() else { continue };
        let in_article = article.is_some_and(|article| up(parts, block).any(|element| element == *article));
        if in_article || beside[at] {
            continue;
        }
        let names_another = names_another_page(page, parts, other, url);
        if names_another && !(own + 1..at).any(|before| kept[before] && !beside[before]) {
            // The first text is that of another page: this one lists many, or is known by more than one address.
            return;
        }
        let is_story = names_another
            || article.is_some()
                && matches!(parts.elements[other].tag, Tag::Article | Tag::Section | Tag::Main | Tag::Other)
                && is_headline(&at)
                && likeness(&parts.blocks[at].text, title) < ALIKE;
        if is_story {
            for (later, block) in parts.blocks.iter().enumerate().skip(at) {
                beside[later] |= up(parts, block.element).any(|element| element == other);
            }
        }
    }
}

/// The first heading of the sort `is_headline` that says what `title` does.
fn headline(parts: &Parts, title: &str, is_headline: impl Fn(&usize) -> bool) -> Option<usize> {
    (0..parts.blocks.len()).filter(is_headline).find(|at| likeness(&parts.blocks[*at].text, title) >= ALIKE)
}

/// Marks boxes of stories with a headline of their own behind the box that holds the article, if that holds enough text.
fn mark_boxes(page: &Html, parts: &Parts, kept: &[bool], beside: &mut [bool], title: &str) {
    let tag = |at: usize| parts.elements[parts.blocks[at].element].tag;
    let is_headline = |at: &usize| matches!(tag(*at), Tag::H(1 | 2));
    let Some(own) = headline(parts, title, |at| tag(*at) == Tag::H(1)).or_else(|| headline(parts, title, is_headline))
    else {
        return;
    };
    let holds = |element: usize| element_of(page, parts, element).and_then(story);
    let own_boxes: Vec<usize> =
        up(parts, parts.blocks[own].element).filter(|element| holds(*element).is_some()).collect();
    let Some((innermost, outer)) = own_boxes.split_first() else { return };
    let is_inside = |at: usize, element: usize| up(parts, parts.blocks[at].element).any(|around| around == element);
    let own_chars: usize = (own..kept.len())
        .take_while(|at| is_inside(*at, *innermost))
        .filter(|at| kept[*at])
        .map(|at| parts.blocks[at].chars)
        .sum();
    if own_chars < LEAST_CHARS {
        return;
    }
    for at in (own + 1..kept.len()).filter(is_headline) {
        if is_inside(at, *innermost) || likeness(&parts.blocks[at].text, title) >= ALIKE {
            continue;
        }
        if outer.iter().any(|element| is_inside(at, *element)) {
            // A part of the article.
            continue;
        }
        let begins = |element: &usize| !is_inside(at - 1, *element) && !own_boxes.contains(element);
        let is_other = |element: &usize| match holds(*element) {
            Some(StoryBox::Marked) => true,
            Some(StoryBox::Named) => tag(at) == tag(own),
            None => false,
        };
        let Some(other) = up(parts, parts.blocks[at].element).take_while(begins).filter(is_other).last() else {
            continue;
        };
        for (later, beside) in beside.iter_mut().enumerate().skip(at) {
            if !is_inside(later, other) {
                break;
            }
            *beside = true;
        }
    }
}

fn element_of<'a>(page: &'a Html, parts: &Parts, element: usize) -> Option<&'a Element> {
    page.tree.get(parts.elements[element].id)?.value().as_element()
}

/// By what an element is known to hold one story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StoryBox {
    /// What it is.
    Marked,
    /// A class of its own alone.
    Named,
}

/// What an element that is made to hold one story is; those of a live report are none.
fn story(element: &Element) -> Option<StoryBox> {
    const NAMES: [&str; 11] = [
        "article",
        "article-container",
        "article-wrapper",
        "blog-post",
        "entry",
        "hentry",
        "news-article",
        "post",
        "story",
        "story-container",
        "story-wrapper",
    ];
    const TYPES: [&str; 4] = ["/Article", "/NewsArticle", "/ReportageNewsArticle", "/BlogPosting"];
    let is_live = element.attr("itemprop") == Some("liveBlogUpdate")
        || ["class", "id"].iter().filter_map(|name| element.attr(name)).any(|name| name.contains("live"));
    let is_typed = element.attr("itemtype").is_some_and(|kind| TYPES.iter().any(|known| kind.ends_with(known)));
    let is_named = || element.classes().any(|class| NAMES.contains(&class));
    if is_live {
        None
    } else if element.name() == "article" || is_typed {
        Some(StoryBox::Marked)
    } else {
        is_named().then_some(StoryBox::Named)
    }
}

/// Whether a part of a page carries the address of a different page: in an attribute, in its microdata.
fn names_another_page(page: &Html, parts: &Parts, element: usize, url: &Url) -> bool {
    const NAMES: [&str; 6] =
        ["data-url", "data-href", "data-permalink", "data-canonical-url", "itemid", "data-article-url"];
    if !matches!(parts.elements[element].tag, Tag::Article | Tag::Section | Tag::Other) {
        return false;
    }
    let node = page.tree.get(parts.elements[element].id);
    let Some(element) = node.as_ref().and_then(|node| node.value().as_element()) else { return false };
    let own = || NAMES.iter().find_map(|name| element.attr(name));
    let in_data = || {
        const NEAR: usize = 40;
        let inside = { node }.into_iter().flat_map(|node| node.descendants().skip(1).take(NEAR));
        { inside }.find_map(stated_address)
    };
    let other = own().or_else(in_data).and_then(|address| web_url(address, Some(url)));
    other.is_some_and(|other| other.path().trim_end_matches('/') != url.path().trim_end_matches('/'))
}

/// The address that an element gives for the article around it: in microdata, or as WordPress links a headline.
fn stated_address(node: NodeRef<'_, Node>) -> Option<&str> {
    let element = node.value().as_element()?;
    let is_of_page = |property: &str| property.split_ascii_whitespace().any(|one| one == "mainEntityOfPage");
    if matches!(element.name(), "meta" | "link") && element.attr("itemprop").is_some_and(is_of_page) {
        return ["content", "href", "itemid"].iter().find_map(|name| element.attr(name));
    }
    let is_bookmark = element.name() == "a" && element.attr("rel").is_some_and(|rel| rel == "bookmark");
    let is_heading = |node: NodeRef<'_, Node>| {
        node.value().as_element().is_some_and(|element| matches!(element.name(), "h1" | "h2"))
    };
    element.attr("href").filter(|_| is_bookmark && node.ancestors().take(2).any(is_heading))
}
