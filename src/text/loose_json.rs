//! JSON as publishers write it: what a strict reader refuses is given a reading here.
//!
//! Lone surrogates, raw control characters, unknown escapes, quotes inside strings, strings in single quotes, bare keys,
//! trailing and missing commas, comments and a cut end are forgiven. One value is read at a time, so that a document of many members is never in memory as a tree; and of each
//! value only a limited number of nodes.

use serde_json::{Map, Number, Value};

use super::json_marks::ends_string;

/// Values nested deeper are skipped.
const DEEPEST: usize = 64;

/// Reads values, members and elements one after the other.
#[derive(Debug)]
pub(crate) struct LooseJson<'a> {
    text: &'a str,
    at: usize,
    /// Nodes that the value being read may still have.
    nodes: usize,
    /// Something was forgiven.
    pub(crate) mended: bool,
    at_break: AtBreak,
}

/// What becomes of an object or array in which something cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AtBreak {
    /// It is not returned.
    Refuse,
    /// What it has so far is returned.
    Keep,
}

/// Why a value could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broken {
    /// The text ends inside it.
    CutShort,
    /// There is no value here.
    NoValue,
}

impl<'a> LooseJson<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0, nodes: 0, mended: false, at_break: AtBreak::Refuse }
    }

    /// A reader that returns what an object or array had before it broke off.
    pub(crate) fn keeping_parts(text: &'a str) -> Self {
        Self { at_break: AtBreak::Keep, ..Self::new(text) }
    }

    /// The value here, of which at most `most_nodes` nodes are kept; the others are skipped.
    pub(crate) fn value(&mut self, most_nodes: usize) -> Result<Value, Broken> {
        self.nodes = most_nodes;
        self.any(0)
    }

    /// Skips the value here.
    pub(crate) fn skip(&mut self) -> Result<(), Broken> {
        self.value(0).map(|_| ())
    }

    /// Whether only white space is left.
    pub(crate) fn is_at_end(&mut self) -> bool {
        self.peek().is_none()
    }

    /// Steps past `open` if it is here.
    pub(crate) fn enter(&mut self, open: u8) -> bool {
        let is_there = self.peek() == Some(open);
        self.at += usize::from(is_there);
        is_there
    }

    /// The next key of the object that was entered; `None` at its end.
    pub(crate) fn key(&mut self) -> Result<Option<String>, Broken> {
        self.commas();
        match self.peek() {
            None => Err(Broken::CutShort),
            Some(b'}') => {
                self.at += 1;
                Ok(None)
            }
            Some(b'"' | b'\'') => {
                let key = self.string()?;
                match self.peek() {
                    Some(b':') => self.at += 1,
                    None => return Err(Broken::CutShort),
                    Some(_) => self.mended = true,
                }
                Ok(Some(key))
            }
            Some(first) if first.is_ascii_alphabetic() || matches!(first, b'_' | b'$' | b'@') => {
                self.bare_key().map(Some)
            }
            Some(_) => Err(Broken::NoValue),
        }
    }

    /// Whether the array that was entered has another element; steps past its end if not.
    pub(crate) fn has_element(&mut self) -> Result<bool, Broken> {
        self.commas();
        match self.peek() {
            None => Err(Broken::CutShort),
            Some(b']') => {
                self.at += 1;
                Ok(false)
            }
            Some(b'}' | b':') => Err(Broken::NoValue),
            Some(_) => Ok(true),
        }
    }

    /// A key without quotes, as in a script.
    fn bare_key(&mut self) -> Result<String, Broken> {
        let rest = &self.text[self.at..];
        let is_part = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$' | b'@' | b'-');
        let length = rest.bytes().position(|b| !is_part(b)).ok_or(Broken::CutShort)?;
        self.at += length;
        if !self.enter(b':') {
            return Err(Broken::NoValue);
        }
        self.mended = true;
        Ok(rest[..length].to_owned())
    }

    fn any(&mut self, depth: usize) -> Result<Value, Broken> {
        let is_kept = self.nodes > 0 && depth < DEEPEST;
        self.nodes = self.nodes.saturating_sub(1);
        match self.peek().ok_or(Broken::CutShort)? {
            b'{' | b'[' if !is_kept => self.pass_over(),
            b'{' => self.object(depth),
            b'[' => self.array(depth),
            b'"' | b'\'' if !is_kept => self.string_end().map(|_| Value::Null),
            b'"' | b'\'' => self.string().map(Value::String),
            b'-' | b'+' | b'.' | b'0'..=b'9' => Ok(self.number()),
            _ => self.word(),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, Broken> {
        self.at += 1;
        let mut members = Map::new();
        let end = self.members(depth, &mut members);
        self.kept(end).map(|()| Value::Object(members))
    }

    fn members(&mut self, depth: usize, members: &mut Map<String, Value>) -> Result<(), Broken> {
        while let Some(key) = self.key()? {
            let is_kept = self.nodes > 0;
            let value = self.any(depth + 1)?;
            if is_kept {
                members.insert(key, value);
            }
        }
        Ok(())
    }

    fn array(&mut self, depth: usize) -> Result<Value, Broken> {
        self.at += 1;
        let mut elements = Vec::new();
        let end = self.elements(depth, &mut elements);
        self.kept(end).map(|()| Value::Array(elements))
    }

    fn elements(&mut self, depth: usize, elements: &mut Vec<Value>) -> Result<(), Broken> {
        while self.has_element()? {
            let is_kept = self.nodes > 0;
            let value = self.any(depth + 1)?;
            if is_kept {
                elements.push(value);
            }
        }
        Ok(())
    }

    /// What the end of an object or array means for the whole of it.
    fn kept(&mut self, end: Result<(), Broken>) -> Result<(), Broken> {
        match (end, self.at_break) {
            (Err(_), AtBreak::Keep) => {
                self.mended = true;
                Ok(())
            }
            (end, _) => end,
        }
    }

    /// Skips an object or array without a stack: brackets are counted, strings are skipped.
    fn pass_over(&mut self) -> Result<Value, Broken> {
        let mut open = 0_usize;
        loop {
            let bytes = self.text.as_bytes();
            let step = bytes[self.at..].iter().position(|b| matches!(b, b'{' | b'[' | b'}' | b']' | b'"'));
            self.at += step.ok_or(Broken::CutShort)?;
            match bytes[self.at] {
                b'"' => {
                    self.string_end()?;
                    continue;
                }
                b'{' | b'[' => open += 1,
                _ => open -= 1,
            }
            self.at += 1;
            if open == 0 {
                return Ok(Value::Null);
            }
        }
    }

    fn number(&mut self) -> Value {
        let bytes = &self.text.as_bytes()[self.at..];
        let is_part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.');
        let length = bytes.iter().position(|b| !is_part(b)).unwrap_or(bytes.len());
        let text = &self.text[self.at..self.at + length];
        self.at += length;
        let text = text.trim_start_matches('+');
        let whole = format!("0{text}");
        let text = if text.starts_with('.') { &whole } else { text };
        let number: Option<Number> = serde_json::from_str(text).ok();
        self.mended |= number.is_none();
        number.map_or_else(|| Value::String(text.to_owned()), Value::Number)
    }

    fn word(&mut self) -> Result<Value, Broken> {
        let rest = &self.text[self.at..];
        let length = rest.bytes().position(|b| !b.is_ascii_alphabetic()).unwrap_or(rest.len());
        self.at += length;
        match &rest[..length] {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            "null" => Ok(Value::Null),
            "True" | "TRUE" | "False" | "FALSE" => {
                self.mended = true;
                Ok(Value::Bool(rest.starts_with('T')))
            }
            "NULL" | "NaN" | "Infinity" | "undefined" | "None" | "nil" => {
                self.mended = true;
                Ok(Value::Null)
            }
            _ if length == rest.len() => Err(Broken::CutShort),
            _ => Err(Broken::NoValue),
        }
    }

    /// The place of the quote that ends the string here, after which reading continues.
    fn string_end(&mut self) -> Result<usize, Broken> {
        let bytes = self.text.as_bytes();
        let quote = bytes[self.at];
        let mut at = self.at + 1;
        loop {
            at += memchr::memchr2(quote, b'\\', &bytes[at.min(bytes.len())..]).ok_or(Broken::CutShort)?;
            if bytes[at] == b'\\' {
                at += 2;
            } else if ends_string(&bytes[at + 1..]) {
                self.mended |= quote != b'"';
                self.at = at + 1;
                return Ok(at);
            } else {
                self.mended = true;
                at += 1;
            }
        }
    }

    fn string(&mut self) -> Result<String, Broken> {
        let start = self.at + 1;
        let end = self.string_end()?;
        let raw = &self.text[start..end];
        let is_plain = |b: u8| b != b'\\' && b >= b' ';
        if raw.bytes().all(is_plain) {
            return Ok(raw.to_owned());
        }
        Ok(self.unescaped(raw))
    }

    fn unescaped(&mut self, raw: &str) -> String {
        let mut out = String::with_capacity(raw.len());
        let mut rest = raw;
        while let Some(at) = rest.bytes().position(|b| b == b'\\' || b < b' ') {
            out.push_str(&rest[..at]);
            rest = &rest[at..];
            if !rest.starts_with('\\') {
                // A raw control character: one that is white space separates words or lines.
                self.mended = true;
                match rest.as_bytes()[0] {
                    b'\n' => out.push('\n'),
                    b'\r' if rest[1..].starts_with('\n') => {}
                    _ => out.push(' '),
                }
                rest = &rest[1..];
                continue;
            }
            let escape = rest[1..].chars().next().unwrap_or('\\');
            rest = &rest[1 + if rest.len() > 1 { escape.len_utf8() } else { 0 }..];
            match escape {
                'n' => out.push('\n'),
                't' => out.push('\t'),
                'r' => out.push('\r'),
                'b' | 'f' => out.push(' '),
                'u' => rest = self.unicode(rest, &mut out),
                '"' | '\\' | '/' => out.push(escape),
                other => {
                    self.mended = true;
                    out.push(other);
                }
            }
        }
        out.push_str(rest);
        out
    }

    /// Takes the four digits after `\u`, and those of the other half of a pair; a lone half is U+FFFD.
    fn unicode<'r>(&mut self, rest: &'r str, out: &mut String) -> &'r str {
        let unit = |text: &str| text.get(..4).and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let Some(first) = unit(rest) else {
            self.mended = true;
            out.push('\u{FFFD}');
            return rest;
        };
        let rest = &rest[4..];
        if let Some(c) = char::from_u32(first) {
            out.push(c);
            return rest;
        }
        let second = rest.strip_prefix("\\u").and_then(unit).filter(|unit| (0xDC00..0xE000).contains(unit));
        match second {
            Some(second) if first < 0xDC00 => {
                let c = char::from_u32(0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00));
                out.push(c.unwrap_or('\u{FFFD}'));
                &rest[6..]
            }
            _ => {
                self.mended = true;
                out.push('\u{FFFD}');
                rest
            }
        }
    }

    fn commas(&mut self) {
        while self.peek() == Some(b',') {
            self.at += 1;
        }
    }

    fn peek(&mut self) -> Option<u8> {
        self.space();
        self.text.as_bytes().get(self.at).copied()
    }

    /// Skips white space and comments.
    fn space(&mut self) {
        loop {
            let rest = &self.text[self.at..];
            let blank = rest.bytes().position(|b| b > b' ').unwrap_or(rest.len());
            let rest = &rest[blank..];
            let comment = if rest.starts_with("/*") {
                rest.find("*/").map_or(rest.len(), |end| end + 2)
            } else if rest.starts_with("//") {
                rest.find('\n').unwrap_or(rest.len())
            } else if rest.starts_with('\u{FEFF}') {
                '\u{FEFF}'.len_utf8()
            } else {
                0
            };
            self.at += blank + comment;
            if comment == 0 {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, want: Result<&str, Broken>) {
        let got = LooseJson::new(text).value(1_000).map(|value| value.to_string());
        assert_eq!(got.as_deref().map_err(|broken| *broken), want, "{text}");
    }

    #[test]
    fn what_is_strict_is_read_as_by_a_strict_reader() {
        for text in [r#"{"a":[1,-2.5,1e3,true,null,"x\"y\\z\u00e9😀"],"b":{}}"#, "[]", "\"\"", "12"] {
            let strict: Value = serde_json::from_str(text).unwrap();
            assert_eq!(LooseJson::new(text).value(1_000), Ok(strict), "{text}");
        }
    }

    #[test]
    fn what_is_not_is_forgiven() {
        check("{\"a\":1,}", Ok("{\"a\":1}"));
        check("[1,2,,3,]", Ok("[1,2,3]"));
        check("{\"a\":1 \"b\":2}", Ok("{\"a\":1,\"b\":2}"));
        check("[\"a\nb\"]", Ok("[\"a\\nb\"]"));
        check(r#"["\ud83d x"]"#, Ok("[\"\u{fffd} x\"]"));
        check(r#"["\udc00\ud83d\ude00"]"#, Ok("[\"\u{fffd}😀\"]"));
        check(r#"["it\'s \u12"]"#, Ok("[\"it's \u{fffd}12\"]"));
        check("/* a */ [1, // b\n 2]", Ok("[1,2]"));
        check("[NaN]", Ok("[null]"));
        check("{\"a\":[1,2", Err(Broken::CutShort));
        check("{\"a\"", Err(Broken::CutShort));
        check("[\"a", Err(Broken::CutShort));
        check("", Err(Broken::CutShort));
        check("{a:1, $b_2: 2}", Ok("{\"$b_2\":2,\"a\":1}"));
        check("{a 1}", Err(Broken::NoValue));
        check("{'a':'it is \"b\"'}", Ok(r#"{"a":"it is \"b\""}"#));
        check(r#"{"a":"say "hi", now","b":1}"#, Ok(r#"{"a":"say \"hi\", now","b":1}"#));
        check(r#"["a "b" c", true, "d", -1]"#, Ok(r#"["a \"b\" c",true,"d",-1]"#));
        check("[+1, True, NULL]", Ok("[1,true,null]"));
    }

    #[test]
    fn parts_are_kept_where_that_is_asked_for() {
        let kept = |text: &str| LooseJson::keeping_parts(text).value(1_000).map(|value| value.to_string());
        assert_eq!(kept(r#"{"a":{"b":1},"c":"cut off he"#).as_deref(), Ok(r#"{"a":{"b":1}}"#));
        assert_eq!(kept(r#"[{"a":1},{"b""#).as_deref(), Ok(r#"[{"a":1},{}]"#));
        assert_eq!(kept(r#"{"a":1,"b":?}"#).as_deref(), Ok(r#"{"a":1}"#));
    }

    #[test]
    fn too_many_nodes_and_too_deep_ones_are_passed_over() {
        let mut many = LooseJson::new("[1,2,3,[4,5],{\"a\":6}] 7");
        assert_eq!(many.value(3).unwrap().to_string(), "[1,2]");
        assert_eq!(many.value(1).unwrap().to_string(), "7");
        let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(LooseJson::new(&deep).value(1_000).is_ok());
        assert_eq!(LooseJson::new(&"[".repeat(100_000)).value(1_000), Err(Broken::CutShort));
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "[\\[\\]{},:\"'\\\\u0dDaAé/* \n-]{0,40}") {
            let _ = LooseJson::new(&text).value(20);
            let _ = LooseJson::new(&text).skip();
        }
    }

    #[test]
    fn keys_without_quotes_may_follow_a_string() {
        check(
            r#"{id:"1",link:"https://a.example/1",title:"T"}"#,
            Ok(r#"{"id":"1","link":"https://a.example/1","title":"T"}"#),
        );
        check(r#"{"a":"he said "yes", then: no","b":1}"#, Ok(r#"{"a":"he said \"yes\", then: no","b":1}"#));
        check(r#"{"a":.5,"b":+1}"#, Ok(r#"{"a":0.5,"b":1}"#));
    }
}
