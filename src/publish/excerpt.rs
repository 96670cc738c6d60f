//! The publisher's own teaser → an excerpt: whole sentences, and nothing that is not part of the text.

use super::boilerplate::{is_beside_the_text, without_boilerplate, without_opening};
use super::calls::{Kept, take_off};
use super::pieces::{clauses, is_cjk, is_unspaced, sentences, spaced, words};
use super::plain_line::one_line;
use crate::model::{Article, Markup};
use crate::text::{Block, has_tag, marked, paragraphs, plain_text, prepared_words};

/// A sentence that ends within this many characters is taken for an abbreviation or a heading if the next
/// one does not fit: it says nothing on its own.
const SHORTEST_SENTENCE: usize = 40;
/// The same for scripts in which a character is a syllable or a word.
const SHORTEST_CJK_SENTENCE: usize = 6;
/// A cut of our own is at most this part of the article's text, if that is known …
const PART_OF_BODY: usize = 10;
/// … but at least this much of it, or its first sentence if that is shorter, is left.
const LEAST_CUT: usize = 160;
/// No word that is worth showing has more characters.
const LONGEST_WORD: usize = 100;
/// As much of a text as can be of use for an excerpt, in bytes: the longest one has 5,000 characters.
const LOOKED_AT_BYTES: usize = 64 * 1024;
/// What is looked at of a text beyond what fits, in characters: where it may end well, and what may be appended to it.
const BEYOND: usize = 2_000;

/// The texts that an excerpt may be taken from.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Texts<'a> {
    /// The publisher's own summary, in the feed.
    pub(super) teaser: Option<&'a Markup>,
    /// The text itself, as far as the feed carries it.
    pub(super) content: Option<&'a Markup>,
    /// What was extracted from the page.
    pub(super) article: Option<&'a Article>,
    /// How much of the page may be shown.
    pub(super) from_page: FromPage,
}

/// Whether an excerpt may be taken from the article page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum FromPage {
    /// Its description and its text.
    #[default]
    All,
    /// Nothing: only how long the article is counts.
    Nothing,
}

/// The excerpt of an article on its own: its own description, otherwise its first sentences.
pub(crate) fn excerpt_of_article(article: &Article, limit: usize) -> String {
    let texts = Texts { article: Some(article), ..Texts::default() };
    texts.excerpt(article.title.as_deref().unwrap_or_default(), limit)
}

impl Texts<'_> {
    /// The excerpt: the publisher's own teaser, else their description, of at most `limit` characters (Unicode scalar
    /// values), whatever the article's length; else a cut of our own from a body, of at most a tenth of it, but not
    /// less than its first sentence or 160 characters. Each only if it says more than `title`, with an ellipsis if
    /// something is missing; empty if nothing fits.
    pub(super) fn excerpt(&self, title: &str, limit: usize) -> String {
        match self.body_chars() {
            Some(body) => {
                let of_body = |text: &str| limit.min((body / PART_OF_BODY).max(least_of(text)));
                self.cut(title, limit, Some(body), of_body)
            }
            None => self.cut(title, limit, None, |_| limit),
        }
    }

    /// The publisher's own teaser or description, of at most `limit` characters; empty if there is none.
    pub(super) fn teaser_alone(&self, title: &str, limit: usize) -> String {
        let body = self.body_chars();
        let teaser = self.teaser.map(|teaser| clean(teaser, title, enough_of_teaser(limit, body)));
        let own = teaser.filter(|teaser| !is_a_body(Some(teaser), limit, body));
        let page = self.article.filter(|_| self.from_page == FromPage::All);
        let given = own.into_iter().chain(page.and_then(|page| page.description.clone()));
        given.map(|text| excerpt(&text, title, limit)).find(|text| !text.is_empty()).unwrap_or_default()
    }

    /// [`Texts::excerpt`] of a text that goes out as a whole anyway: a tenth of the body is not a limit then.
    pub(super) fn excerpt_of_whole(&self, title: &str, limit: usize) -> String {
        self.cut(title, limit, self.body_chars(), |_| limit)
    }

    /// The first that says something: what the publisher wrote to stand by itself, within `limit`; a body, within what
    /// `of_body` allows of it. The longest body has `body_chars`.
    fn cut(&self, title: &str, limit: usize, body_chars: Option<usize>, of_body: impl Fn(&str) -> usize) -> String {
        let page = self.article.filter(|_| self.from_page == FromPage::All);
        let within = |text: &str, limit| Some(excerpt(text, title, limit)).filter(|text| !text.is_empty());
        let own = |text: Option<String>| text.and_then(|text| within(&text, limit));
        let body = |text: Option<String>| text.and_then(|text| within(&text, of_body(&text)));
        let teaser = self.teaser.map(|teaser| clean(teaser, title, enough_of_teaser(limit, body_chars)));
        let teaser = if is_a_body(teaser.as_deref(), limit, body_chars) { body(teaser) } else { own(teaser) };
        let enough = limit + BEYOND;
        teaser
            .or_else(|| own(page.and_then(|page| page.description.clone())))
            .or_else(|| body(self.content.map(|content| clean(content, title, enough))))
            .or_else(|| body(page.map(|page| clean_html(&page.html, title, enough))))
            .unwrap_or_default()
    }

    /// Characters of the longest body; `None` if no body is known. A feed's content that only repeats its
    /// summary does not count.
    fn body_chars(&self) -> Option<usize> {
        let chars = |markup: &Markup| match markup {
            Markup::Html(html) => plain_text(html).chars().count(),
            Markup::Text(text) => one_line(text).chars().count(),
        };
        let teaser = self.teaser.map_or(0, chars);
        let content = self.content.map(chars);
        let article = self.article.map(|article| article.text.chars().count());
        [content, article].into_iter().flatten().max().filter(|body| *body > teaser)
    }
}

/// Whether a summary is not a teaser but most of the text itself, which has `body` characters.
fn is_a_body(teaser: Option<&str>, limit: usize, body: Option<usize>) -> bool {
    let chars = teaser.map_or(0, |teaser| teaser.chars().count());
    chars > limit && body.is_some_and(|body| chars * 2 > body)
}

/// How many characters of a summary tell whether it is a body, and what its excerpt is.
fn enough_of_teaser(limit: usize, body: Option<usize>) -> usize {
    (limit + BEYOND).max(body.unwrap_or(0) / 2 + 1)
}

/// Whether `text` is enough to say something by itself.
pub(super) fn stands_alone(text: &str) -> bool {
    text.chars().count() >= shortest_sentence(text)
}

fn shortest_sentence(text: &str) -> usize {
    if text.chars().any(is_cjk) { SHORTEST_CJK_SENTENCE } else { SHORTEST_SENTENCE }
}

/// How many characters a cut of `text` may always have: its first sentence, with those after it until they say
/// something, and what shows that something is missing.
fn least_of(text: &str) -> usize {
    let line = one_line(text);
    let (line, _) = without_boilerplate(without_opening(&line));
    let mut first = 0;
    for sentence in sentences(line) {
        first += sentence.chars().count();
        if first >= shortest_sentence(sentence) {
            break;
        }
    }
    (first + 2).min(LEAST_CUT)
}

/// The text of `markup` on one line, without what is not part of it: all of it, or at least its first `enough` characters.
fn clean(markup: &Markup, title: &str, enough: usize) -> String {
    match markup {
        Markup::Html(html) => clean_html(html, title, enough),
        Markup::Text(text) => {
            let text = &text[..text.floor_char_boundary(LOOKED_AT_BYTES)];
            let lines = text.split('\n').map(|line| Block { html: "", text: line.trim().to_owned(), is_item: false });
            without_what_is_beside(lines, title, enough)
        }
    }
}

fn clean_html(html: &str, title: &str, enough: usize) -> String {
    let html = &html[..html.floor_char_boundary(LOOKED_AT_BYTES)];
    if !has_tag(html) {
        // Text that was only escaped: its line breaks mean what they mean in plain text.
        let lines = html.split('\n').map(|line| Block { html: "", text: plain_text(line), is_item: false });
        return without_what_is_beside(lines, title, enough);
    }
    without_what_is_beside(paragraphs(&marked(&prepared_words(html))).into_iter(), title, enough)
}

fn without_what_is_beside<'b>(blocks: impl Iterator<Item = Block<'b>>, title: &str, enough: usize) -> String {
    let mut kept: Vec<Kept<'_>> = Vec::new();
    let mut chars = 0;
    for block in blocks.filter(|block| !block.text.is_empty()) {
        if chars >= enough {
            break;
        }
        if is_beside_the_text(&block.text) {
            kept.last_mut().into_iter().for_each(|last| last.is_left_after = true);
            continue;
        }
        chars += block.text.chars().count() + 1;
        kept.push(Kept { block, is_left_after: false });
    }
    if chars < enough {
        take_off(&mut kept, title, |rest| rest.iter().any(|kept| stands_alone(&kept.block.text)));
    }
    kept.iter().map(|kept| kept.block.text.as_str()).collect::<Vec<_>>().join(" ")
}

/// `text` cut to at most `limit` characters (Unicode scalar values), with an ellipsis if something
/// is missing. Empty if it says no more than `title`.
fn excerpt(text: &str, title: &str, limit: usize) -> String {
    let line = one_line(text);
    let (line, was_cut) = without_boilerplate(without_opening(&line));
    if line.is_empty() || says_no_more(line, title) {
        return String::new();
    }
    if line.chars().count() + if was_cut { 2 } else { 0 } <= limit {
        return if was_cut { with_ellipsis(line) } else { line.to_owned() };
    }
    let Some(room) = limit.checked_sub(2).filter(|room| *room > 0) else { return String::new() };
    let whole = longest(&sentences(line), room);
    if whole.chars().count() >= shortest_sentence(&whole).min(enough(room)) {
        return with_ellipsis(whole);
    }
    let clauses = longest(&clauses(line), room);
    if clauses.chars().count() >= enough(room) {
        return with_ellipsis(clauses);
    }
    // What is beyond the room, and a word more, does not matter.
    let line = line.char_indices().nth(room + LONGEST_WORD).map_or(line, |(end, _)| &line[..end]);
    let spaced = longest(&spaced(line), room);
    if line.chars().any(is_unspaced) && spaced.chars().count() >= enough(room) {
        return with_ellipsis(spaced);
    }
    with_ellipsis(longest(&words(line), room))
}

/// Whether `text` has the words of `title` alone, however they are joined.
pub(super) fn says_no_more(text: &str, title: &str) -> bool {
    let plain = |text: &str| text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    text.len() <= 2 * title.len() && (text.to_lowercase() == title.to_lowercase() || plain(text) == plain(title))
}

/// This many characters of `room` are worth giving up to stop at a better place.
fn enough(room: usize) -> usize {
    room * 2 / 5
}

/// As many of `parts`, from the first, as have at most `room` characters together.
fn longest(parts: &[&str], room: usize) -> String {
    let mut taken = String::new();
    let mut count = 0;
    for part in parts {
        if count + part.trim_end().chars().count() > room {
            break;
        }
        count += part.chars().count();
        taken.push_str(part);
    }
    taken.truncate(taken.trim_end().len());
    taken
}

/// What a sentence ends in.
const ENDS: [char; 19] =
    ['.', '!', '?', '։', '።', '。', '！', '？', '"', '”', '»', '」', ')', '।', '॥', '۔', '؟', '\u{104B}', '\u{17D4}'];

/// A space before it after a whole sentence, none within one.
fn with_ellipsis(text: impl Into<String>) -> String {
    let mut text = text.into();
    text.truncate(text.trim_end().len());
    if text.is_empty() {
        return text;
    }
    if !text.ends_with(ENDS) {
        text.truncate(text.trim_end_matches([',', ';', ':', '–', '—', '-', ' ', '、', '，', '：', '；']).len());
        text.push('…');
    } else {
        text.push_str(" …");
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, limit: usize, want: &str) {
        assert_eq!(excerpt(text, "The title", limit), want);
    }

    #[test]
    fn whole_sentences_are_taken_where_they_fit() {
        check("One two three. Four five six. Seven eight.", 100, "One two three. Four five six. Seven eight.");
        check("One two three. Four five six. Seven eight.", 33, "One two three. Four five six. …");
        check("One two three. Four five six. Seven eight.", 28, "One two three. …");
        check("  Spread \n over\t lines. ", 100, "Spread over lines.");
    }

    #[test]
    fn a_long_sentence_is_cut_between_words_and_no_word_is_cut() {
        check("One two three, four five six seven eight nine ten.", 17, "One two three…");
        check("Well. One two three four five six seven eight.", 30, "Well. One two three four…");
        check("Incomprehensibilities are long.", 12, "");
        check(
            "Dr. No of the U.S. J. Army said that it is fine. It is not so.",
            56,
            "Dr. No of the U.S. J. Army said that it is fine. …",
        );
        check("R&amp;D&nbsp;is where it was decided to go on", 18, "R&amp;D&nbsp;is…");
    }

    #[test]
    fn languages_without_spaces_are_cut_at_sentences_too() {
        check("東京は晴れです。大阪は雨です。京都は曇りです。", 20, "東京は晴れです。大阪は雨です。 …");
        check("日本語の文章は空白なしに続いていくものである", 9, "日本語の文章は…");
        check("他们今天发布了新的处理器，速度比上一代快一倍", 16, "他们今天发布了新的处理器…");
        check("グラフィックスカードは高い", 8, "");
        check("สภาเมืองอนุมัติศูนย์ข้อมูลแห่งใหม่ริมแม่น้ำ", 20, "สภาเมืองอนุมัติ…");
    }

    #[test]
    fn the_teaser_comes_first_then_the_description_then_the_body() {
        let html = |text: &str| Markup::Html(text.to_owned());
        let (teaser, empty) =
            (html("<p>By Jane Doe</p><p>What they say of it themselves.</p>"), html("<p>Comments</p>"));
        let body = html(&format!(
            "<figure><figcaption>A picture.</figcaption></figure><h2>Part</h2><p>We use cookies to improve your experience.\
             </p><p>It begins here. {}</p>",
            "It goes on. ".repeat(40)
        ));
        let page = |description: &str| Article {
            description: Some(description.to_owned()),
            html: format!("<p>On the page. {}</p>", "And on. ".repeat(100)),
            text: "x".repeat(1_000),
            ..article()
        };
        let (page, silent) = (page("A description."), page("T"));
        let texts = Texts { teaser: Some(&teaser), content: Some(&body), article: Some(&page), ..Texts::default() };
        assert_eq!(texts.excerpt("T", 280), "What they say of it themselves.");
        assert_eq!(Texts { teaser: Some(&empty), ..texts }.excerpt("T", 280), "A description.");
        let bare = Texts { teaser: None, article: Some(&silent), ..texts };
        assert_eq!(bare.excerpt("T", 40), "It begins here. It goes on. …");
        assert_eq!(Texts { content: None, ..bare }.excerpt("T", 40), "On the page. And on. And on. And on. …");
        let kept_back = Texts { content: None, from_page: FromPage::Nothing, ..texts };
        assert_eq!(kept_back.excerpt("T", 280), "What they say of it themselves.");
        assert_eq!(Texts { teaser: None, ..kept_back }.excerpt("T", 280), "");
    }

    fn article() -> Article {
        Article {
            title: None,
            byline: None,
            site: None,
            published: None,
            description: None,
            canonical: None,
            image: None,
            language: None,
            html: String::new(),
            text: String::new(),
            rights: crate::model::PageRights::default(),
        }
    }

    #[test]
    fn a_cut_of_our_own_is_a_tenth_but_never_under_its_first_sentence() {
        let of = |text: &str| {
            let content = Markup::Text(text.to_owned());
            Texts { content: Some(&content), ..Texts::default() }.excerpt("T", 280)
        };
        assert_eq!(of("It is here. It is new. It is small."), "It is here. It is new. It is small.");
        assert_eq!(
            of(&format!("It is here. It is new. {}", "It is small. ".repeat(9))),
            "It is here. It is new. It is small. It is small. …"
        );
        let first = "This first sentence of a short text says all that there is to say of it at some length.";
        assert_eq!(of(&format!("{first} A second one. A third one.")), format!("{first} …"));
        let endless = of(&"word ".repeat(100));
        assert!((140..=160).contains(&endless.chars().count()), "{endless}");
        let long = of(&"One two three four five. ".repeat(100));
        assert_eq!(long.chars().count(), 9 * 25 - 1 + 2, "a tenth of 2,500: {long}");
        let all = "Well. It is here, and it is new, and it is small, as all of them say.";
        assert_eq!(of(&format!("{all} And so on. And on.")), format!("{all} …"));
    }

    #[test]
    fn a_teaser_goes_out_whole_whatever_the_articles_length() {
        let html = |text: &str| Markup::Html(text.to_owned());
        let teaser =
            html("Corvane has launched the first of its probes. It carries a camera of its own, and a second one.");
        let (short, long) = (html(&"word ".repeat(30)), html(&"word ".repeat(4_000)));
        let of = |teaser, content| Texts { teaser, content, ..Texts::default() };
        for content in [None, Some(&teaser), Some(&short), Some(&long)] {
            assert_eq!(of(Some(&teaser), content).excerpt("T", 280).chars().count(), 95, "{content:?}");
        }
        assert_eq!(of(Some(&teaser), Some(&long)).excerpt("T", 60), "Corvane has launched the first of its probes. …");
        // Most of the text is not a teaser, whatever it is called.
        let whole = "It goes on and on and on. ".repeat(40);
        let (summary, text) = (html(&whole), html(&format!("{whole} And that was it.")));
        assert_eq!(of(Some(&summary), Some(&text)).excerpt("T", 280).chars().count(), 105, "a tenth of 1,058");
        assert!(of(Some(&summary), Some(&text)).excerpt_of_whole("T", 280).chars().count() > 200);
    }

    #[test]
    fn what_publishing_systems_append_is_gone() {
        let text = "It works. It is new.";
        for appendix in [
            " The post Is it new? It is. appeared first on Some Site.",
            " This article first appeared on Some Site.",
            " Read more",
            " Read more about it at Some Site »",
            " (Read more...)",
            " Continue reading: Is it new? →",
            " Read the full article at Some Site.",
            " Weiterlesen",
        ] {
            check(&format!("{text}{appendix}"), 200, text);
        }
        check("It works. It is new [&hellip;]", 200, "It works. It is new…");
        check("It works. It is new. […] The post X appeared first on Y.", 200, "It works. It is new. …");
        check("It works. It is new... Read More", 200, "It works. It is new…");
        check("It works. It is new. [...]", 200, "It works. It is new. …");
    }

    #[test]
    fn the_link_of_a_link_list_to_its_discussion_is_gone() {
        check("58 points, 44 comments Comments", 200, "");
        check("A spreadsheet. It is small. [Comments]", 200, "A spreadsheet. It is small.");
        for text in ["It has 44 Comments", "How to write Comments", "Leave your Comments."] {
            check(text, 200, text);
        }
    }

    #[test]
    fn sentences_that_only_sound_like_it_stay() {
        for text in [
            "People read more than ever. They do.",
            "The post office was closed. A sign of it appeared first on Monday, when nobody came. Then it opened again.",
            "The study was first published in 2020.",
            "See the source and comments below.",
        ] {
            check(text, 400, text);
        }
    }

    #[test]
    fn what_says_no_more_than_the_title_is_nothing() {
        for text in ["", "  ", "The Title", "Comments", "[link] [comments]", "…", "Read more", "Discuss | Comments"] {
            check(text, 280, "");
        }
        check("Some text that is there", 0, "");
        check("Some text that is there", 2, "");
    }

    proptest! {
        #[test]
        fn an_excerpt_is_never_longer_than_its_limit(text in "(\\PC|[ .!?…]){0,200}", limit in 0_usize..120) {
            prop_assert!(excerpt(&text, "", limit).chars().count() <= limit);
        }

        #[test]
        fn no_word_is_cut(text in "[a-zA-Zäé日本の カ.!?,&;]{0,120}", limit in 0_usize..80) {
            let line = one_line(&text);
            let short = excerpt(&text, "", limit);
            let kept = short.trim_end_matches(['…', ' ']);
            if let Some(at) = line.find(kept).filter(|_| !kept.is_empty()) {
                let after = line[at + kept.len()..].chars().next();
                let inside = |a: char, b: char| a.is_ascii_alphanumeric() && b.is_ascii_alphanumeric();
                let cut = kept.chars().next_back().zip(after).is_some_and(|(a, b)| inside(a, b));
                // The same words may occur earlier, inside others.
                let elsewhere = line.match_indices(kept).count() > 1;
                prop_assert!(!cut || elsewhere, "{short:?} of {line:?}");
            }
        }

        #[test]
        fn cutting_ends_on_any_text(text in "([Rr]ead more|The post | appeared first on |\\[…\\]|\\.\\.\\.|a|[ .!]){0,40}") {
            let short = excerpt(&text, "", 80);
            prop_assert!(short.chars().count() <= 80);
        }
    }
}
