//! Decoded text → tags and text: a tolerant, linear tokenizer that cannot fail.
//!
//! What a strict parser refuses is given a reading here: a `<` that opens nothing is text, a quote that never
//! closes ends with its tag, an unclosed CDATA section ends where its element does. Comments,
//! processing instructions and the DOCTYPE are skipped, so nothing is ever fetched or expanded.

use memchr::{memchr, memchr2, memmem};

use super::mend::{Fault, Mends};

/// A piece of the document; slices are raw, references in them are not decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A start tag.
    Start { name: &'a str, attrs: &'a str, form: TagForm },
    /// An end tag.
    End { name: &'a str },
    /// Text with references.
    Text(&'a str),
    /// The inside of a CDATA section.
    Cdata(&'a str),
}

/// How a start tag ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TagForm {
    /// In `>`: an end tag is still to come.
    Open,
    /// In `/>`.
    Empty,
}

/// Cuts a document into tokens.
#[derive(Debug)]
pub(super) struct Tokens<'a> {
    text: &'a str,
    at: usize,
    /// From here on no `]]>` (`-->`, `"`, `'`) follows: keeps a hostile document linear.
    no_cdata_end: bool,
    no_comment_end: bool,
    no_double_quote: bool,
    no_single_quote: bool,
    /// The one DOCTYPE that may have an internal subset is behind us.
    seen_subset: bool,
    /// The name of the last start tag: its end tag ends an unclosed CDATA section.
    last_start: &'a str,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            no_cdata_end: false,
            no_comment_end: false,
            no_double_quote: false,
            no_single_quote: false,
            seen_subset: false,
            last_start: "",
        }
    }

    /// The next token, `None` at the end.
    pub(super) fn next(&mut self, mends: &mut Mends) -> Option<Token<'a>> {
        loop {
            let rest = &self.text[self.at..];
            let bytes = rest.as_bytes();
            match bytes {
                [] => return None,
                [b'<', b'/', b, ..] if is_name_start(*b) => return Some(self.end_tag(rest)),
                [b'<', b'!', ..] => {
                    if let Some(token) = self.declaration(rest, mends) {
                        return Some(token);
                    }
                }
                [b'<', b'?', ..] => self.skip_instruction(rest),
                [b'<', b, ..] if is_name_start(*b) => return Some(self.start_tag(rest, mends)),
                _ => return Some(self.text_run(rest, mends)),
            }
        }
    }

    fn text_run(&mut self, rest: &'a str, mends: &mut Mends) -> Token<'a> {
        let mut end = 0;
        if rest.starts_with('<') {
            mends.add(Fault::StrayLessThan);
            end = 1;
        }
        end = memchr(b'<', &rest.as_bytes()[end..]).map_or(rest.len(), |at| at + end);
        self.at += end;
        Token::Text(&rest[..end])
    }

    fn end_tag(&mut self, rest: &'a str) -> Token<'a> {
        let bytes = rest.as_bytes();
        let name_end = 2 + name_length(&bytes[2..]);
        let close = memchr2(b'>', b'<', &bytes[name_end..]).map_or(rest.len(), |at| at + name_end);
        self.at += close + usize::from(bytes.get(close) == Some(&b'>'));
        Token::End { name: &rest[2..name_end] }
    }

    fn start_tag(&mut self, rest: &'a str, mends: &mut Mends) -> Token<'a> {
        let bytes = rest.as_bytes();
        let name_end = 1 + name_length(&bytes[1..]);
        let name = &rest[1..name_end];
        let end = if bytes.get(name_end) == Some(&b'>') { name_end } else { self.tag_end(bytes, name_end, mends) };
        let mut attrs = &rest[name_end..end];
        self.at += end + usize::from(bytes.get(end) == Some(&b'>'));
        let form = if attrs.ends_with('/') { TagForm::Empty } else { TagForm::Open };
        if form == TagForm::Empty {
            attrs = &attrs[..attrs.len() - 1];
        }
        self.last_start = name;
        Token::Start { name, attrs, form }
    }

    /// Where the tag that continues at `at` ends: at its `>` outside quotes, or before a `<`.
    fn tag_end(&mut self, bytes: &[u8], mut at: usize, mends: &mut Mends) -> usize {
        loop {
            let Some(step) = bytes[at..].iter().position(|b| matches!(b, b'>' | b'<' | b'"' | b'\'')) else {
                mends.add(Fault::UnclosedTag);
                return bytes.len();
            };
            at += step;
            match bytes[at] {
                b'>' => return at,
                b'<' => {
                    mends.add(Fault::UnclosedTag);
                    return at;
                }
                _ => {}
            }
            let is_value = bytes[..at].iter().rev().find(|b| !b.is_ascii_whitespace()) == Some(&b'=');
            at += 1;
            if is_value {
                at = self.quote_end(bytes, at, mends);
            }
        }
    }

    /// After the closing quote of a value that starts at `at`; if a `<` comes first, and a `>` before
    /// it, the quote was forgotten and the tag ends at that `>`.
    fn quote_end(&mut self, bytes: &[u8], at: usize, mends: &mut Mends) -> usize {
        let quote = bytes[at - 1];
        let gone = if quote == b'"' { self.no_double_quote } else { self.no_single_quote };
        let close = if gone { None } else { memchr2(quote, b'<', &bytes[at..]).map(|found| found + at) };
        match close {
            Some(close) if bytes[close] == quote => close + 1,
            Some(less) => {
                mends.add(Fault::UnclosedTag);
                match memchr(b'>', &bytes[at..less]) {
                    Some(found) => found + at,
                    None => match memchr(quote, &bytes[less..]) {
                        Some(found) => less + found + 1,
                        None => {
                            self.forget(quote);
                            at
                        }
                    },
                }
            }
            None => {
                mends.add(Fault::UnclosedTag);
                self.forget(quote);
                at
            }
        }
    }

    fn forget(&mut self, quote: u8) {
        if quote == b'"' {
            self.no_double_quote = true;
        } else {
            self.no_single_quote = true;
        }
    }

    /// `<!…`: a CDATA section is a token, everything else is skipped.
    fn declaration(&mut self, rest: &'a str, mends: &mut Mends) -> Option<Token<'a>> {
        let bytes = rest.as_bytes();
        if bytes.len() >= 9 && bytes[..9].eq_ignore_ascii_case(b"<![CDATA[") {
            return Some(self.cdata(rest, mends));
        }
        if bytes.starts_with(b"<!--") {
            let end = if self.no_comment_end { None } else { memmem::find(&bytes[4..], b"-->") };
            self.at += match end {
                Some(end) => 4 + end + 3,
                None => {
                    mends.add(Fault::UnclosedComment);
                    self.no_comment_end = true;
                    memchr(b'>', bytes).map_or(rest.len(), |end| end + 1)
                }
            };
            return None;
        }
        self.at += if self.seen_subset { tag_length(bytes) } else { doctype_length(bytes) };
        self.seen_subset = true;
        None
    }

    fn cdata(&mut self, rest: &'a str, mends: &mut Mends) -> Token<'a> {
        let inside = &rest[9..];
        let found = if self.no_cdata_end { None } else { memmem::find(inside.as_bytes(), b"]]>") };
        if let Some(end) = found {
            self.at += 9 + end + 3;
            return Token::Cdata(&inside[..end]);
        }
        mends.add(Fault::UnclosedCdata);
        self.no_cdata_end = true;
        let end_tag = format!("</{}", self.last_start);
        let end = memmem::find(inside.as_bytes(), end_tag.as_bytes()).unwrap_or(inside.len());
        self.at += 9 + end;
        Token::Cdata(&inside[..end])
    }

    fn skip_instruction(&mut self, rest: &str) {
        let bytes = rest.as_bytes();
        let end = memchr(b'>', bytes).map_or(rest.len(), |end| end + 1);
        if bytes[..end].ends_with(b"?>") {
            self.at += end;
            return;
        }
        // A `>` inside `<?php … ?>` does not end it if the real end is near.
        const NEAR_BYTES: usize = 256;
        let near = &bytes[..bytes.len().min(NEAR_BYTES)];
        self.at += memmem::find(near, b"?>").map_or(end, |at| at + 2);
    }
}

/// Length of `<!DOCTYPE …>` with its internal subset in brackets, which is ignored.
fn doctype_length(bytes: &[u8]) -> usize {
    let Some(stop) = memchr2(b'>', b'[', bytes) else { return bytes.len() };
    let subset = bytes[stop] == b'[' && bytes.get(2).is_some_and(u8::is_ascii_alphabetic);
    let close = if subset { memchr(b']', &bytes[stop..]) } else { None };
    match close {
        Some(close) => stop + close + tag_length(&bytes[stop + close..]),
        None => tag_length(bytes),
    }
}

/// Length up to the next `>`, inclusive.
fn tag_length(bytes: &[u8]) -> usize {
    memchr(b'>', bytes).map_or(bytes.len(), |at| at + 1)
}

fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte == b':' || byte >= 0x80
}

fn name_length(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .position(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r' | b'>' | b'/' | b'<' | b'=' | b'"' | b'\'' | 0x0c))
        .unwrap_or(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, want: &[Token<'_>]) {
        let mut mends = Mends::default();
        let mut tokens = Tokens::new(text);
        let mut got = Vec::new();
        while let Some(token) = tokens.next(&mut mends) {
            got.push(token);
        }
        assert_eq!(got, want, "{text}");
    }

    fn start<'a>(name: &'a str, attrs: &'a str) -> Token<'a> {
        Token::Start { name, attrs, form: TagForm::Open }
    }

    #[test]
    fn a_well_formed_document_is_cut_into_its_parts() {
        check(
            "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY x \"y\">]><a b=\"c>d\"><!-- > --><e/>t<![CDATA[<x>]]></a >",
            &[
                start("a", " b=\"c>d\""),
                Token::Start { name: "e", attrs: "", form: TagForm::Empty },
                Token::Text("t"),
                Token::Cdata("<x>"),
                Token::End { name: "a" },
            ],
        );
    }

    #[test]
    fn what_is_broken_has_a_reading() {
        check("a < b", &[Token::Text("a "), Token::Text("< b")]);
        check("<a b=\"c>t</a>", &[start("a", " b=\"c"), Token::Text("t"), Token::End { name: "a" }]);
        check("<a <b>", &[start("a", " "), start("b", "")]);
        check("<a", &[start("a", "")]);
        check("</a", &[Token::End { name: "a" }]);
        check("<t><![CDATA[x</t>y", &[start("t", ""), Token::Cdata("x"), Token::End { name: "t" }, Token::Text("y")]);
        check("<!-- x >y", &[Token::Text("y")]);
        check("<a b=it's>", &[start("a", " b=it's")]);
    }
}
