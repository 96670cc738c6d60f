//! A feed that we wrote, without some of its items: byte for byte what it was otherwise.

use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::Event;

use super::read_back::{Form, read_back};
use crate::config::Format;
use crate::publish::rendered::Expected;

/// `bytes`, a feed of ours, without the items of the stories that `leave`; `None` if it is none, or cannot be cut.
pub(in crate::publish) fn without_items(form: Form, bytes: &[u8], leave: impl Fn(&str) -> bool) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let items = read_back(form, bytes).ok()?;
    let places = match form.format() {
        Format::Rss => elements(text, &["rss", "channel", "item"]),
        Format::Atom => elements(text, &["feed", "entry"]),
        Format::Json => objects(text),
        Format::Html | Format::Opml | Format::About => return None,
    };
    if places.len() != items.len() {
        return None;
    }
    let (gone, stay): (Vec<_>, Vec<_>) = items.into_iter().zip(places).partition(|(item, _)| leave(&item.story));
    let mut rest = text.to_owned();
    for (_, place) in gone.iter().rev() {
        rest.replace_range(place.clone(), "");
    }
    // After the last object of a list stands no comma.
    let rest = if form.format() == Format::Json { rest.replace("\n    },\n  ]", "\n    }\n  ]") } else { rest };
    let stay: Vec<Expected> = stay.into_iter().map(|(item, _)| item).collect();
    (read_back(form, rest.as_bytes()).ok()? == stay).then(|| rest.into_bytes())
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
        check(Format::Html, "<!doctype html><html></html>", &[], None);
    }
}
