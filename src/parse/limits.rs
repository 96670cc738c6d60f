//! How much is kept of the fields of a feed and of its entries beside their texts: far more than real feeds have in them,
//! far less than a hostile document can hold. A field is cut while it is collected; an address that was is too long for one.

use super::names::Tag;

/// An address, an id, a date, and what else is short.
pub(super) const VALUE_BYTES: usize = 8 * 1024;
/// The name or the mail address of a person: a thousand characters.
pub(super) const NAME_BYTES: usize = 4_000;
/// A language tag.
pub(super) const LANGUAGE_BYTES: usize = 64;
/// A title, markup included.
pub(super) const TITLE_BYTES: usize = 32 * 1024;
/// A statement of rights in words, markup included: ten thousand characters.
pub(super) const RIGHTS_BYTES: usize = 40_000;
/// Terms of rights in elements of their own.
const TERMS_BYTES: usize = 64 * 1024;
/// All people who wrote one entry.
pub(super) const AUTHORS_BYTES: usize = 16 * 1024;
/// The part of a feed's title that is kept as plain text: no more of it is ever shown.
pub(super) const PLAIN_TITLE_BYTES: usize = 4 * 1024;
/// What a feed says that it is about, as plain text.
pub(super) const DESCRIPTION_BYTES: usize = 16 * 1024;
/// Keywords in one line.
const KEYWORDS_BYTES: usize = 16 * 1024;

/// How much is kept of the text of an element.
pub(super) fn of_element(tag: Tag) -> usize {
    match tag {
        Tag::Subtitle
        | Tag::ItunesSubtitle
        | Tag::Abstract
        | Tag::Summary
        | Tag::ItunesSummary
        | Tag::Content
        | Tag::Description
        | Tag::DcDescription
        | Tag::MediaDescription
        | Tag::Encoded
        | Tag::Body => usize::MAX,
        Tag::Title | Tag::DcTitle | Tag::MediaTitle => TITLE_BYTES,
        Tag::Rights | Tag::MediaCopyright | Tag::MediaLicense => RIGHTS_BYTES,
        Tag::RslContent => TERMS_BYTES,
        Tag::ItunesKeywords | Tag::MediaKeywords | Tag::Labels => KEYWORDS_BYTES,
        Tag::Name | Tag::Email => NAME_BYTES,
        Tag::Language => LANGUAGE_BYTES,
        _ => VALUE_BYTES,
    }
}

/// How much is kept of the text of a member of a JSON object.
pub(super) fn of_member(key: &str) -> usize {
    match key {
        "content_html" | "content_text" | "summary" | "description" => usize::MAX,
        "title" => TITLE_BYTES,
        "name" | "author" => NAME_BYTES,
        "language" => LANGUAGE_BYTES,
        _ => VALUE_BYTES,
    }
}

/// The beginning of `text`, at most `most` bytes.
pub(super) fn cut(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

#[cfg(test)]
mod tests {
    use super::super::{Input, read};
    use super::*;

    const NS: &str = "xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd' \
        xmlns:media='http://search.yahoo.com/mrss/' xmlns:atom='http://www.w3.org/2005/Atom' \
        xmlns:cc='http://backend.userland.com/creativeCommonsRssModule' xmlns:rsl='https://rslstandard.org/rsl' \
        xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'";

    /// Reads `text` and looks at all that is kept of it, twice: as a document, and as what it says about its feed.
    #[track_caller]
    fn is_cut(text: &str, what: &str) {
        let document = read(&Input { bytes: text.as_bytes(), ..Input::default() }).unwrap();
        let kept = format!("{document:?}{:?}", document.feed()).len();
        assert!(kept < 6 * RIGHTS_BYTES, "{what}: {kept}");
    }

    #[test]
    fn no_field_but_a_text_is_kept_without_limit() {
        let long = ["abc d ", "en-", "&#x41;", "&lt;b&gt;x", "<![CDATA[x]]>", "a@b.example (Jo), "]
            .map(|unit| unit.repeat(300_000 / unit.len()));
        let elements = [
            "title",
            "author",
            "copyright",
            "language",
            "guid",
            "category",
            "comments",
            "source",
            "link",
            "generator",
            "ttl",
            "managingEditor",
            "webMaster",
            "pubDate",
            "dc:creator",
            "dc:rights",
            "dc:language",
            "dc:title",
            "dc:publisher",
            "dc:contributor",
            "dc:date",
            "itunes:author",
            "itunes:block",
            "itunes:keywords",
            "itunes:owner",
            "media:copyright",
            "media:title",
            "media:keywords",
            "media:thumbnail",
            "atom:rights",
            "atom:id",
            "atom:author",
            "atom:updated",
            "cc:license",
            "rsl:content",
            "sy:updatePeriod",
            "icon",
            "logo",
            "textInput",
            "image",
        ];
        for element in elements {
            for long in &long {
                let field = format!("<{element}>{long}</{element}>");
                let item = "<item><link>https://a.example/1</link>";
                is_cut(&format!("<rss {NS}><channel>{item}{field}</item></channel></rss>"), element);
                is_cut(&format!("<rss {NS}><channel>{field}{item}</item></channel></rss>"), element);
            }
        }
        for inner in ["name", "email", "uri"] {
            let text = format!(
                "<feed xmlns='http://www.w3.org/2005/Atom'><entry><author><{inner}>{0}</{inner}></author></entry></feed>",
                long[0]
            );
            is_cut(&text, inner);
        }
    }

    #[test]
    fn no_attribute_is_kept_without_limit() {
        let long = "abc/".repeat(80_000);
        for element in [
            "<enclosure type='audio/mpeg' url='LONG'/>",
            "<enclosure url='https://a.example/' type='LONG'/>",
            "<category domain='LONG'>x</category>",
            "<atom:link href='LONG' title='LONG' hreflang='LONG'/>",
            "<atom:category term='LONG' label='LONG'/>",
            "<media:content url='LONG' medium='image'/>",
            "<media:thumbnail url='LONG'/>",
            "<source url='LONG'>x</source>",
            "<title xml:lang='LONG'>x</title>",
            "<itunes:image href='LONG'/>",
            "<cc:license resource='LONG'/>",
            "<description xml:base='LONG' xml:lang='LONG'>x</description>",
            "<media:copyright url='LONG'/>",
        ] {
            let text = format!("<rss {NS}><channel><item xml:lang='LONG'>{element}</item></channel></rss>");
            is_cut(&text.replace("LONG", &long), element);
        }
    }

    #[test]
    fn no_member_of_json_but_a_text_is_kept_without_limit() {
        let long = "abc ".repeat(80_000);
        for member in [
            r#""id":"LONG""#,
            r#""url":"LONG""#,
            r#""external_url":"LONG""#,
            r#""title":"LONG""#,
            r#""language":"LONG""#,
            r#""image":"LONG""#,
            r#""date_published":"LONG""#,
            r#""tags":["LONG"]"#,
            r#""authors":[{"name":"LONG","url":"LONG"}]"#,
            r#""author":"LONG""#,
            r#""attachments":[{"url":"LONG","mime_type":"LONG","size_in_bytes":"LONG"}]"#,
            r#""_feedloom":{"sources":[{"name":"LONG","url":"https://a.example/","title":"LONG","author":"LONG","via":"LONG"}]}"#,
        ] {
            let inside = format!(r#"{{"version":"https://jsonfeed.org/version/1.1","items":[{{"id":"1",{member}}}]}}"#);
            is_cut(&inside.replace("LONG", &long), member);
            let above = format!(r#"{{"version":"https://jsonfeed.org/version/1.1",{member},"items":[]}}"#);
            is_cut(&above.replace("LONG", &long), member);
        }
    }

    #[test]
    fn what_real_feeds_have_is_whole() {
        let (name, rights) = ("Ann ".repeat(240), "All rights reserved. ".repeat(450));
        let text = format!(
            "<rss {NS}><channel><language>zh-Hant-TW</language><copyright> {rights}</copyright><item>\
            <dc:creator>\n {name}</dc:creator><category>x</category></item></channel></rss>"
        );
        let document = read(&Input { bytes: text.as_bytes(), ..Input::default() }).unwrap();
        assert_eq!(document.posts[0].fields.authors[0].name.as_deref(), Some(name.trim()));
        assert_eq!(document.feed().rights.as_deref(), Some(rights.trim()));
        assert_eq!(document.feed().language.as_deref(), Some("zh-Hant-TW"));
    }
}
