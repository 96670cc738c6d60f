//! Really Simple Licensing 1.0 (<https://rslstandard.org/rsl>): the `content` element of a feed's item.
//!
//! It is read into a small tree, so that what is passed on is well formed whatever the feed looks like.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::model::Signal;
use crate::text::attrs::{self, Attrs};
use crate::text::without_illegal_xml;

/// The namespace of its elements.
pub(crate) const NAMESPACE: &str = "https://rslstandard.org/rsl";
/// Elements in one `content`; the vocabulary has a dozen.
const MOST_ELEMENTS: usize = 200;
/// Nesting below `content`; the vocabulary goes to three.
const DEEPEST: usize = 8;

/// A `content` element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rsl {
    root: Element,
}

/// An element: its name without prefix, its attributes, and what is in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) text: String,
    pub(crate) children: Vec<Element>,
}

/// What the terms mean for somebody who shows headlines and excerpts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Terms {
    /// Every use is prohibited.
    pub(super) prohibits_all: bool,
    /// Being found by search is prohibited.
    pub(super) prohibits_search: bool,
    /// A licence has to be bought or asked for first.
    pub(super) wants_payment: bool,
    /// A machine may not make anything of the text.
    pub(super) prohibits_ai_use: bool,
    /// A machine may not learn from it.
    pub(super) prohibits_training: bool,
    /// A machine may make something of it.
    pub(super) permits_ai_use: bool,
    /// Other uses alone are permitted.
    pub(super) permits_others_only: bool,
}

/// Words that permit a machine to make something of a text.
const AI_USE: [&str; 3] = ["all", "ai-all", "ai-input"];
/// Further ones, of drafts, that prohibit it: in doubt, a "no" counts and a "yes" does not.
const AI_USE_IN_DRAFTS: [&str; 3] = ["ai-use", "ai-summarize", "genai"];
/// Words for a machine that learns from a text.
const TRAINING: [&str; 5] = ["ai-train", "train-ai", "ai-training", "train-genai", "genai-train"];

impl Rsl {
    /// Reads the element from its attributes, as written in the tag, and its content; names may carry
    /// prefixes. `None` if it is larger than any licence, or empty.
    #[must_use]
    pub(crate) fn read(attributes: &str, inside: &str) -> Option<Self> {
        Self::parse(&format!("<content {}>{inside}</content>", attributes.trim().trim_end_matches('/')))
    }

    /// Reads the first element of `xml`, which has to be a `content`.
    #[must_use]
    pub(crate) fn parse(xml: &str) -> Option<Self> {
        let root = tree(xml)?.children.into_iter().next().filter(|element| element.name == "content")?;
        let says_something = !root.children.is_empty() || !root.attributes.is_empty();
        let rsl = Self { root };
        (says_something && rsl.to_xml("rsl:").len() <= Signal::LONGEST).then_some(rsl)
    }

    /// The element as XML, each name prefixed with `prefix` (`rsl:`).
    #[must_use]
    pub(crate) fn to_xml(&self, prefix: &str) -> String {
        let mut out = String::new();
        write_element(&mut out, &self.root, prefix);
        out
    }

    /// The tree.
    pub(crate) fn root(&self) -> &Element {
        &self.root
    }

    /// What it permits, prohibits and requires, in one line: `prohibits ai-train; payment attribution`.
    #[must_use]
    pub(crate) fn words(&self) -> String {
        let mut words = Vec::new();
        walk(&self.root, &mut |element| match element.name.as_str() {
            name @ ("permits" | "prohibits") => words.push(format!("{name} {}", element.text)),
            "payment" => words.push(format!("payment {}", element.attribute("type").unwrap_or("as stated"))),
            _ => {}
        });
        words.join("; ")
    }

    /// What it means for us.
    pub(super) fn terms(&self) -> Terms {
        let mut terms = Terms::default();
        // A server issues licences that have to be asked for, even if they are free (§3.3).
        terms.wants_payment |= self.root.attribute("server").is_some_and(|server| !server.is_empty());
        let of_usage =
            |element: &Element| element.attribute("type").is_none_or(|kind| kind.eq_ignore_ascii_case("usage"));
        let has_any = |element: &Element, words: &[&str]| words.iter().any(|word| element.has_word(word));
        let mut permits_others = false;
        walk(&self.root, &mut |element| match element.name.as_str() {
            "prohibits" if of_usage(element) => {
                terms.prohibits_all |= element.has_word("all");
                terms.prohibits_search |= element.has_word("search");
                terms.prohibits_ai_use |= has_any(element, &AI_USE) || has_any(element, &AI_USE_IN_DRAFTS);
                terms.prohibits_training |= has_any(element, &TRAINING);
            }
            "permits" if of_usage(element) => {
                terms.permits_ai_use |= has_any(element, &AI_USE);
                permits_others |= !element.text.is_empty() && !has_any(element, &AI_USE);
            }
            "payment" => terms.wants_payment |= wants_payment(element),
            _ => {}
        });
        terms.permits_others_only = permits_others && !terms.permits_ai_use;
        terms
    }
}

fn wants_payment(payment: &Element) -> bool {
    match payment.attribute("type").map(str::trim).filter(|kind| !kind.is_empty()) {
        Some(kind) => !matches!(kind.to_ascii_lowercase().as_str(), "free" | "attribution"),
        None => !payment.children.is_empty(),
    }
}

impl Element {
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(known, _)| local(known).eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    fn has_word(&self, word: &str) -> bool {
        self.text.split(|c: char| c.is_whitespace() || c == ',').any(|one| one.eq_ignore_ascii_case(word))
    }
}

fn walk(element: &Element, see: &mut impl FnMut(&Element)) {
    see(element);
    element.children.iter().for_each(|child| walk(child, see));
}

/// Names without prefix, each once; declarations of namespaces are left out.
fn own_attributes(raw: &str) -> Vec<(String, String)> {
    let mut read = Attrs::default();
    read.read(raw);
    let mut own: Vec<(String, String)> = Vec::new();
    for (name, value) in read.iter().filter(|(name, _)| !name.starts_with("xmlns") && is_name(local(name))) {
        if !own.iter().any(|(known, _)| known == local(name)) {
            own.push((local(name).to_owned(), tidy(&attrs::decode(value))));
        }
    }
    own
}

/// The elements of `xml` in an element without name; `None` if there are too many.
fn tree(xml: &str) -> Option<Element> {
    let mut open = vec![Element::default()];
    let mut rest = xml;
    let mut elements = 0;
    while !rest.is_empty() {
        let at = rest.find('<').unwrap_or(rest.len());
        let text = tidy(&attrs::decode(&rest[..at]));
        if let (Some(element), false) = (open.last_mut(), text.is_empty()) {
            if !element.text.is_empty() {
                element.text.push(' ');
            }
            element.text.push_str(&text);
        }
        rest = &rest[at..];
        if rest.is_empty() {
            break;
        }
        let end = crate::text::tag_end(rest.as_bytes(), 1).min(rest.len());
        let tag = &rest[1..end];
        rest = rest.get(end + 1..).unwrap_or_default();
        if let Some(name) = tag.strip_prefix('/') {
            close(&mut open, local(name.trim()));
            continue;
        }
        let name_end = tag.find(|c: char| c.is_whitespace() || c == '/').unwrap_or(tag.len());
        let name = local(&tag[..name_end]);
        if !is_name(name) {
            continue;
        }
        elements += 1;
        if elements > MOST_ELEMENTS || open.len() > DEEPEST + 1 {
            return None;
        }
        let attributes = own_attributes(tag[name_end..].trim_end_matches('/'));
        open.push(Element { name: name.to_owned(), attributes, ..Element::default() });
        if tag.ends_with('/') {
            close(&mut open, name);
        }
    }
    while open.len() > 1 {
        let name = open.last()?.name.clone();
        close(&mut open, &name);
    }
    open.pop()
}

/// Ends the innermost open element called `name`, and everything open inside it.
fn close(open: &mut Vec<Element>, name: &str) {
    let Some(at) = open.iter().skip(1).rposition(|element| element.name == name).map(|at| at + 1) else { return };
    while open.len() > at {
        if let (Some(done), Some(outer)) = (open.pop(), open.last_mut()) {
            outer.children.push(done);
        }
    }
}

fn write_element(out: &mut String, element: &Element, prefix: &str) {
    let name = &element.name;
    let _ = write!(out, "<{prefix}{name}"); // writing to a String cannot fail
    for (key, value) in &element.attributes {
        let _ = write!(out, " {key}=\"{}\"", escaped(value)); // as above
    }
    if element.text.is_empty() && element.children.is_empty() {
        out.push_str("/>");
        return;
    }
    out.push('>');
    out.push_str(&escaped(&element.text));
    element.children.iter().for_each(|child| write_element(out, child, prefix));
    let _ = write!(out, "</{prefix}{name}>"); // as above
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

fn tidy(text: &str) -> String {
    let text: Cow<'_, str> = without_illegal_xml(text);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// Whether a name is valid in XML, whatever surrounds it.
fn is_name(name: &str) -> bool {
    // XML reserves names that begin with its own.
    let is_kept_back = name.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("xml"));
    !is_kept_back
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(inside: &str) -> Rsl {
        Rsl::read(" url=\"https://a.example/1?a=1&amp;b=2\" xmlns:rsl=\"x\"", inside).unwrap()
    }

    #[test]
    fn what_is_read_comes_out_well_formed_and_is_read_again() {
        let rsl = read(
            "<rsl:license>\n <rsl:permits type='usage'>search</rsl:permits><prohibits type=usage>ai-train &amp; <b>x\
             </prohibits><payment type=\"attribution\"/></rsl:license>",
        );
        let want = "<rsl:content url=\"https://a.example/1?a=1&amp;b=2\"><rsl:license><rsl:permits type=\"usage\">search\
             </rsl:permits><rsl:prohibits type=\"usage\">ai-train &amp;<rsl:b>x</rsl:b></rsl:prohibits>\
             <rsl:payment type=\"attribution\"/></rsl:license></rsl:content>";
        assert_eq!(rsl.to_xml("rsl:"), want);
        assert_eq!(Rsl::parse(want), Some(rsl.clone()));
        assert_eq!(Rsl::parse(&rsl.to_xml("")), Some(rsl));
    }

    #[test]
    fn terms_mean_what_the_specification_says() {
        let check = |inside: &str, all, search, pay| {
            let Terms { prohibits_all, prohibits_search, wants_payment, .. } = read(inside).terms();
            assert_eq!((prohibits_all, prohibits_search, wants_payment), (all, search, pay), "{inside}");
        };
        check("<license><prohibits type=\"usage\">all</prohibits></license>", true, false, false);
        check("<license><prohibits>ai-all all</prohibits></license>", true, false, false);
        check("<license><prohibits type=\"usage\">ai-train,train-ai,ai-all</prohibits></license>", false, false, false);
        check("<license><prohibits type=\"geo\">all</prohibits></license>", false, false, false);
        check("<license><prohibits type=\"usage\">search</prohibits></license>", false, true, false);
        check("<license><payment type=\"free\"/></license>", false, false, false);
        check("<license><payment type=\"Attribution\"/></license>", false, false, false);
        check("<license><payment type=\"subscription\"/></license>", false, false, true);
        check("<license><payment><amount currency=\"USD\">1</amount></payment></license>", false, false, true);
        check("<license><payment/></license>", false, false, false);
        check("<license/>", false, false, false);
        let served = Rsl::read("url=\"/\" server=\"https://l.example/\"", "<license/>").unwrap();
        assert!(served.terms().wants_payment);
    }

    #[test]
    fn each_word_about_machines_is_heard() {
        let check = |inside: &str, against_use, against_training, permits| {
            let Terms { prohibits_ai_use, prohibits_training, permits_ai_use, .. } =
                read(&format!("<license>{inside}</license>")).terms();
            assert_eq!(
                (prohibits_ai_use, prohibits_training, permits_ai_use),
                (against_use, against_training, permits),
                "{inside}"
            );
        };
        for word in ["all", "ai-all", "ai-input", "AI-Use", "ai-summarize", "genai"] {
            check(&format!("<prohibits type=\"usage\">search, {word}</prohibits>"), true, false, false);
        }
        for word in ["ai-train", "train-ai", "ai-training", "train-genai", "genai-train"] {
            check(&format!("<prohibits>{word}</prohibits>"), false, true, false);
        }
        for word in ["all", "ai-all", "ai-input"] {
            check(&format!("<permits>{word}</permits>"), false, false, true);
        }
        check("<permits>ai-summarize ai-use train-genai</permits>", false, false, false);
        check("<permits>ai-all</permits><prohibits>ai-summarize train-genai</prohibits>", true, true, true);
    }

    #[test]
    fn terms_are_told_in_a_line() {
        let rsl = read(
            "<license><permits type=\"usage\">search</permits><prohibits>ai-train</prohibits><payment/></license>",
        );
        assert_eq!(rsl.words(), "permits search; prohibits ai-train; payment as stated");
    }

    #[test]
    fn what_is_no_licence_is_nothing() {
        assert_eq!(Rsl::read("", ""), None);
        assert_eq!(Rsl::read("", &"<a/>".repeat(201)), None);
        assert_eq!(Rsl::read("", &"<a>".repeat(20)), None);
        assert_eq!(Rsl::read("", &format!("<a>{}</a>", "x".repeat(20_000))), None);
        assert_eq!(Rsl::parse("no"), None);
        assert_eq!(Rsl::parse("<other/>"), None);
    }

    proptest::proptest! {
        #[test]
        fn anything_is_read_or_refused(attributes in "[ a-z='\"<>&/:]{0,20}", inside in "(<|>|/|a|b|:| |'|\"|&|=|!|x|é){0,60}") {
            if let Some(rsl) = Rsl::read(&attributes, &inside) {
                proptest::prop_assert_eq!(Rsl::parse(&rsl.to_xml("")), Some(rsl));
            }
            let _ = Rsl::parse(&inside);
        }
    }
}
