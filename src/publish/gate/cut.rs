//! Feeds that we wrote, without some of their items or with those of another: byte for byte what they were otherwise.

use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::Event;

use super::read_back::{Form, read_back};
use crate::config::Format;
use crate::publish::rendered::Expected;

/// `bytes`, a feed of ours, without the items of the stories that `leave`; `None` if it is none, or cannot be cut.
pub(in crate::publish) fn without_items(form: Form, bytes: &[u8], leave: impl Fn(&str) -> bool) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let placed = placed_items(form, text)?;
    let (gone, stay): (Vec<_>, Vec<_>) = placed.into_iter().partition(|(item, _)| leave(&item.story));
    let mut rest = text.to_owned();
    for (_, place) in gone.iter().rev() {
        rest.replace_range(place.clone(), "");
    }
    // After the last object of a list stands no comma.
    let rest = if form.format() == Format::Json { rest.replace("\n    },\n  ]", "\n    }\n  ]") } else { rest };
    let stay: Vec<Expected> = stay.into_iter().map(|(item, _)| item).collect();
    (read_back(form, rest.as_bytes()).ok()? == stay).then(|| rest.into_bytes())
}

/// `bytes`, a feed of ours with items, with those of the stories of `other`, one in the same format, that `come`, after
/// them, as many as fit into `most_bytes`; and all that is in it then. `None` if one of them is none.
pub(in crate::publish) fn with_items(
    form: Form,
    bytes: &[u8],
    other: &[u8],
    most_bytes: usize,
    come: impl Fn(&str) -> bool,
) -> Option<(Vec<u8>, Vec<Expected>)> {
    let (text, other) = (std::str::from_utf8(bytes).ok()?, std::str::from_utf8(other).ok()?);
    let placed = placed_items(form, text)?;
    let end = placed.last()?.1.end;
    let is_json = form.format() == Format::Json;
    // The prefixes that an item uses are declared once, for all of them.
    let root = |text: &str| {
        Some(
            text[text.find(if form.format() == Format::Rss { "<rss" } else { "<feed" })?..]
                .split_once('>')?
                .0
                .to_owned(),
        )
    };
    if !is_json && root(text) != root(other) {
        return None;
    }
    let mut items: Vec<Expected> = placed.into_iter().map(|(item, _)| item).collect();
    let mut added = String::new();
    for (item, place) in placed_items(form, other)?.into_iter().filter(|(item, _)| come(&item.story)) {
        let item_text = other[place].trim_end().trim_end_matches(if is_json { "," } else { "" });
        if bytes.len() + added.len() + item_text.len() + 2 > most_bytes {
            break;
        }
        added.push_str(if is_json { ",\n" } else { "" });
        added.push_str(item_text);
        added.push_str(if is_json { "" } else { "\n" });
        items.push(item);
    }
    let at = if is_json { text[..end].trim_end().len() } else { end };
    let whole = format!("{}{added}{}", &text[..at], &text[at..]);
    (read_back(form, whole.as_bytes()).ok()? == items).then(|| (whole.into_bytes(), items))
}

/// The items of a feed of ours and where each stands; `None` if it is none, or is in a format without items.
fn placed_items(form: Form, text: &str) -> Option<Vec<(Expected, Range<usize>)>> {
    let items = read_back(form, text.as_bytes()).ok()?;
    let places = match form.format() {
        Format::Rss => elements(text, &["rss", "channel", "item"]),
        Format::Atom => elements(text, &["feed", "entry"]),
        Format::Json => objects(text),
        Format::Html | Format::Opml | Format::About => return None,
    };
    (places.len() == items.len()).then(|| items.into_iter().zip(places).collect())
}

/// Where the elements at `path` stand, with what follows up to the next one or the end of its parent.
fn elements(text: &str, path: &[&str]) -> Vec<Range<usize>> {
    let mut reader = Reader::from_str(text);
    let (mut open, mut began, mut found): (Vec<String>, _, _) = (Vec::new(), 0, Vec::new());
    loop {
        let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        match reader.read_event() {
            Ok(Event::Start(tag)) => {
                open.push(tag.name().as_ref().to_owned());
                if open == path {
                    began = at;
                }
            }
            Ok(Event::End(_)) => {
                if open == path {
                    let end = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
                    let blank = text[end..].len() - text[end..].trim_start().len();
                    found.push(began..end + blank);
                }
                open.pop();
            }
            Ok(Event::Eof) | Err(_) => return found,
            Ok(_) => {}
        }
    }
}

/// Where the objects of the list of items stand, whole lines: no text in JSON has a line end in it.
fn objects(text: &str) -> Vec<Range<usize>> {
    let (mut at, mut began, mut is_in_list, mut found) = (0, 0, false, Vec::new());
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        match line.trim_end() {
            "  \"items\": [" => is_in_list = true,
            "  ]" | "  ]," => is_in_list = false,
            "    {" if is_in_list => began = at,
            "    }" | "    }," if is_in_list => found.push(began..end),
            _ => {}
        }
        at = end;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(format: Format, bytes: &str, leave: &[&str], want: Option<&str>) {
        let cut = without_items(Form::of_feed(format), bytes.as_bytes(), |story| leave.contains(&story));
        assert_eq!(cut.map(|bytes| String::from_utf8(bytes).unwrap()).as_deref(), want);
    }

    fn rss(items: &[&str]) -> String {
        let item = |story: &&str| {
            format!(
                "<item><title>&lt;item&gt; {story}</title><link>https://a.example/{story}</link>\
                 <guid>tag:e.example,2026:s/{story}</guid><description><![CDATA[<item>x</item>]]></description></item>\n"
            )
        };
        let items: String = items.iter().map(item).collect();
        format!("<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>t</title>{items}</channel></rss>\n")
    }

    fn json(items: &[&str]) -> String {
        let item = |story: &&str| {
            serde_json::json!({ "id": format!("tag:e.example,2026:s/{story}"), "url": format!("https://a.example/{story}"),
                                "content_text": "x\n    },\n  ]", "tags": [{ "a": [] }] })
        };
        let items: Vec<_> = items.iter().map(item).collect();
        serde_json::to_string_pretty(&serde_json::json!({ "items": items, "title": "t", "version": "1" })).unwrap()
    }

    #[test]
    fn items_leave_a_feed_and_the_rest_stays_as_it_was() {
        for (format, of) in [(Format::Rss, rss as fn(&[&str]) -> String), (Format::Json, json)] {
            let all = of(&["a", "b", "c"]);
            check(format, &all, &["b"], Some(&of(&["a", "c"])));
            check(format, &all, &["c"], Some(&of(&["a", "b"])));
            check(format, &all, &["a", "b"], Some(&of(&["c"])));
            check(format, &all, &[], Some(&all));
            check(format, &all[..all.len() / 2], &["a"], None);
        }
        check(Format::Rss, &rss(&["a"]), &["a"], Some(&rss(&[])));
    }

    #[test]
    fn items_of_another_feed_come_after_those_of_one_as_far_as_they_fit() {
        for (format, of) in [(Format::Rss, rss as fn(&[&str]) -> String), (Format::Json, json)] {
            let form = Form::of_feed(format);
            let check = |one: &[&str], other: &str, most_bytes: usize, want: Option<&[&str]>| {
                let come = |story: &str| story != "x";
                let found = with_items(form, of(one).as_bytes(), other.as_bytes(), most_bytes, come);
                let text = found.as_ref().map(|(bytes, _)| String::from_utf8(bytes.clone()).unwrap());
                assert_eq!(text, want.map(of), "{format:?}");
                let stories = found.map(|(_, items)| items.into_iter().map(|item| item.story).collect::<Vec<_>>());
                assert_eq!(stories, want.map(|want| want.iter().map(ToString::to_string).collect()));
            };
            check(&["c"], &of(&["x", "b", "a"]), 10_000, Some(&["c", "b", "a"]));
            check(&["d", "c"], &of(&["b", "x"]), 10_000, Some(&["d", "c", "b"]));
            check(&["c"], &of(&["b", "a"]), of(&["c", "b"]).len() + 10, Some(&["c", "b"]));
            check(&["c"], &of(&[]), 10_000, Some(&["c"]));
            check(&[], &of(&["b"]), 10_000, None);
            check(&["c"], &of(&["b"])[..40], 10_000, None);
        }
        let other = rss(&["b"]).replace("version=\"2.0\"", "version=\"2.0\" xmlns:x=\"urn:x\"");
        let found = with_items(Form::of_feed(Format::Rss), rss(&["c"]).as_bytes(), other.as_bytes(), 10_000, |_| true);
        assert!(found.is_none(), "a prefix may be missing");
    }

    #[test]
    fn a_page_has_no_items_to_cut() {
        check(Format::Html, "<!doctype html><html></html>", &[], None);
    }
}
