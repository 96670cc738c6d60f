//! What an entry says about its rights, together with what the feed it was taken from says about it.

use super::document::{Fields, Post};
use super::plain::text_of;
use crate::model::{Enclosure, Origin, Signal, SignalKind};
use crate::rights::License;
use crate::text::web_url;

/// Signals of one entry that are kept.
const MOST: usize = 30;

/// All that `post` says: its own words, and from the feed it was taken from (Atom `source`) what the entry
/// does not say itself.
pub(super) fn signals(post: &Post) -> Vec<Signal> {
    let mut signals = post.fields.signals.clone();
    let source = post.source.as_deref();
    signals.extend(source.into_iter().flat_map(|source| source.signals.iter().cloned()));
    let licenses = [Some(&post.fields), source].into_iter().flatten().map(licenses).find(|found| !found.is_empty());
    signals.extend(licenses.unwrap_or_default().into_iter().map(|license| entry_says(SignalKind::License, license)));
    let rights = [Some(&post.fields), source].into_iter().flatten().find_map(rights);
    signals.extend(rights.map(|rights| entry_says(SignalKind::Rights, rights)));
    signals.truncate(MOST);
    signals
}

fn entry_says(kind: SignalKind, value: String) -> Signal {
    Signal::new(kind, Origin::Entry, value)
}

/// The licences named: addresses of the web and known names. A statement of rights that is
/// nothing but the address of a known licence also names it.
pub(super) fn licenses(fields: &Fields) -> Vec<String> {
    let named = fields.licenses.iter().filter_map(|license| match web_url(license, None) {
        Some(url) => Some(url.to_string()),
        None => License::parse(license).map(|_| license.clone()),
    });
    let stated = rights(fields).filter(|rights| rights.contains("://") && License::parse(rights).is_some());
    named.chain(stated).collect()
}

fn rights(fields: &Fields) -> Option<String> {
    fields.rights.as_ref().map(text_of).filter(|rights| !rights.is_empty())
}

/// Whether `signals` (of an entry or its feed) withhold `enclosure`.
pub(super) fn keeps_back(signals: &[Signal], enclosure: &Enclosure) -> bool {
    let mut restricted = signals.iter().filter(|signal| signal.kind == SignalKind::MediaRestriction);
    restricted.any(|signal| signal.value == "*" || web_url(&signal.value, None).as_ref() == Some(&enclosure.url))
}

/// Whether any of them withholds any file: the picture of the entry may come from it.
pub(super) fn keeps_pictures_back(signals: &[Signal]) -> bool {
    signals.iter().any(|signal| signal.kind == SignalKind::MediaRestriction)
}

#[cfg(test)]
mod tests {
    use super::super::{Input, read};
    use super::*;

    /// Prefixes as feeds declare them, in their several spellings.
    const RSS: &str = "<rss version=\"2.0\" xmlns:a=\"http://www.bloglines.com/about/specs/fac-1.0\" \
        xmlns:h=\"http://www.w3.org/1999/xhtml\" xmlns:cc1=\"http://backend.userland.com/creativeCommonsRssModule\" \
        xmlns:cc2=\"http://cyber.law.harvard.edu/rss/creativeCommonsRSSModule.html\" xmlns:cc3=\"http://web.resource.org/cc/\" \
        xmlns:cc4=\"https://creativecommons.org/ns#\" xmlns:dct=\"http://purl.org/dc/terms/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
        xmlns:i=\"http://www.itunes.com/dtds/podcast-1.0.dtd\" xmlns:g=\"http://www.google.com/schemas/play-podcasts/1.0\" \
        xmlns:p=\"https://podcastindex.org/namespace/1.0\" xmlns:m=\"http://search.yahoo.com/mrss/\" \
        xmlns:atom=\"http://www.w3.org/2005/Atom\" xmlns:r=\"https://rslstandard.org/rsl\" \
        xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><channel>";
    const BY: &str = "https://creativecommons.org/licenses/by/4.0/";

    fn document(text: &str) -> super::super::Document {
        read(&Input { bytes: text.as_bytes(), ..Input::default() }).unwrap()
    }

    fn kinds(signals: &[Signal]) -> Vec<(SignalKind, &str)> {
        signals.iter().map(|signal| (signal.kind, signal.value.as_str())).collect()
    }

    /// What `element` says at feed level, and what it says in one.
    #[track_caller]
    fn check(element: &str, want: &[(SignalKind, &str)]) {
        let above = document(&format!("{RSS}{element}<item><guid>1</guid></item></channel></rss>"));
        let feed = above.feed();
        let licenses = feed.licenses.iter().map(|license| (SignalKind::License, license.as_str()));
        let rights = feed.rights.iter().map(|rights| (SignalKind::Rights, rights.as_str()));
        let found: Vec<_> = kinds(&feed.signals).into_iter().chain(licenses).chain(rights).collect();
        assert_eq!(found, want, "above the entries: {element}");
        assert_eq!(signals(&above.posts[0]), [], "in no entry: {element}");
        let inside = document(&format!("{RSS}<item><guid>1</guid>{element}</item></channel></rss>"));
        assert_eq!(inside.feed().signals, [], "not above: {element}");
        let found = signals(&inside.posts[0]);
        assert_eq!(kinds(&found), want, "in an entry: {element}");
        assert!(found.iter().all(|signal| signal.origin == Origin::Entry));
    }

    #[test]
    fn each_signal_of_a_feed_is_read_above_and_in_its_entries() {
        use SignalKind as Kind;
        check("<a:restriction relationship=\"deny\"/>", &[(Kind::AccessRestriction, "deny")]);
        check("<a:restriction relationship=\"allow\"/>", &[]);
        check("<h:meta name=\"robots\" content=\"noindex\"/>", &[(Kind::FeedRobots, "noindex")]);
        check("<h:meta name=\"ROBOTS\" content=\"nofollow, NONE\"/>", &[(Kind::FeedRobots, "nofollow, NONE")]);
        check("<h:meta name=\"robots\" content=\"index\"/>", &[]);
        check(
            "<meta xmlns=\"http://www.w3.org/1999/xhtml\" name=\"robots\" content=\"noindex\"/>",
            &[(Kind::FeedRobots, "noindex")],
        );
        for by in [
            format!("<cc1:license>{BY}</cc1:license>"),
            format!("<cc2:license> {BY} </cc2:license>"),
            format!("<cc3:license rdf:resource=\"{BY}\"/>"),
            format!("<cc4:license>{BY}</cc4:license>"),
            format!("<dct:license>{BY}</dct:license>"),
            format!("<atom:link rel=\"license\" href=\"{BY}\"/>"),
        ] {
            check(&by, &[(Kind::License, BY)]);
        }
        check("<cc1:license>CC BY-NC 4.0</cc1:license>", &[(Kind::License, "CC BY-NC 4.0")]);
        check(
            &format!("<cc1:license>{BY}</cc1:license><cc1:license>https://e.org/l</cc1:license>"),
            &[(Kind::License, BY), (Kind::License, "https://e.org/l")],
        );
        check("<copyright>© Somebody</copyright>", &[(Kind::Rights, "© Somebody")]);
        check("<dc:rights>© Somebody</dc:rights>", &[(Kind::Rights, "© Somebody")]);
        check(&format!("<dc:rights>{BY}</dc:rights>"), &[(Kind::License, BY), (Kind::Rights, BY)]);
        check(
            "<m:copyright url=\"https://e.org/\">© Photo</m:copyright>",
            &[(Kind::MediaRights, "© Photo https://e.org/")],
        );
        check(
            "<m:license href=\"https://e.org/l\">Some rights</m:license>",
            &[(Kind::MediaRights, "Some rights https://e.org/l")],
        );
        check("<m:restriction relationship=\"deny\" type=\"sharing\"/>", &[(Kind::MediaRestriction, "*")]);
        check(
            "<m:restriction relationship=\"allow\" type=\"country\">de</m:restriction>",
            &[(Kind::MediaRestriction, "*")],
        );
        check(
            "<m:restriction relationship=\"deny\">none</m:restriction><m:restriction relationship=\"allow\">all</m:restriction>",
            &[],
        );
        check("<i:block>Yes</i:block>", &[(Kind::Block, "i:block")]);
        check("<g:block>yes</g:block>", &[(Kind::Block, "g:block")]);
        check("<p:block>yes</p:block>", &[(Kind::Block, "p:block")]);
        check("<p:block id=\"other\">yes</p:block><i:block>no</i:block>", &[]);
        let rsl = "<r:content url=\"https://e.org/1\"><r:license><r:prohibits type=\"usage\">ai-train</r:prohibits></r:license></r:content>";
        let kept = "<content url=\"https://e.org/1\"><license><prohibits type=\"usage\">ai-train</prohibits></license></content>";
        check(rsl, &[(Kind::Rsl, kept)]);
        check(&format!("<r:rsl>{rsl}</r:rsl>"), &[(Kind::Rsl, kept)]);
        check(
            "<content xmlns=\"https://rslstandard.org/rsl\" url='https://e.org/1'><license><prohibits type='usage'>ai-train\
             </prohibits></license></content>",
            &[(Kind::Rsl, kept)],
        );
    }

    #[test]
    fn an_atom_entry_says_what_the_feed_it_was_taken_from_says() {
        let entry = |own: &str| {
            let text = format!(
                "<feed xmlns=\"http://www.w3.org/2005/Atom\"><rights>ours</rights><entry><id>1</id>{own}<source><rights>theirs\
                 </rights><link rel=\"license\" href=\"{BY}\"/></source></entry></feed>"
            );
            signals(&document(&text).posts[0])
        };
        assert_eq!(kinds(&entry("")), [(SignalKind::License, BY), (SignalKind::Rights, "theirs")]);
        let own = "<rights>mine</rights><link rel=\"license\" href=\"https://e.org/l\"/>";
        assert_eq!(kinds(&entry(own)), [(SignalKind::License, "https://e.org/l"), (SignalKind::Rights, "mine")]);
    }

    #[test]
    fn a_file_that_is_kept_back_is_left_out() {
        let media = |inside: &str, beside: &str| {
            let text = format!(
                "{RSS}<title>T</title>{beside}<item><title>One</title><link>https://e.org/1</link><m:content url=\"https://e.org/a.mp4\" \
                 type=\"video/mp4\">{inside}<m:thumbnail url=\"https://e.org/a.png\"/></m:content><m:content \
                 url=\"https://e.org/b.mp4\" type=\"video/mp4\"/></item></channel></rss>"
            );
            let config = crate::config::Config::parse(
                std::path::Path::new("/feeds.toml"),
                "[[source]]\nurl = \"https://e.org/feed\"\n",
            );
            let read = super::super::entries(document(&text), &config.unwrap().sources[0], jiff::Timestamp::UNIX_EPOCH);
            let entry = read.entries.into_iter().next().unwrap();
            let files: Vec<String> = entry.enclosures.iter().map(|file| file.url.path().to_owned()).collect();
            (files.join(" "), entry.image.is_some())
        };
        let deny = "<m:restriction relationship=\"deny\" type=\"country\">us</m:restriction>";
        assert_eq!(media("", ""), ("/a.mp4 /b.mp4".to_owned(), true));
        assert_eq!(media(deny, ""), ("/b.mp4".to_owned(), false));
        assert_eq!(media("", deny), (String::new(), false));
    }
}
