//! MathML as a line of text.

use memchr::{memchr, memmem};

use super::attrs::Attrs;
use super::entities::decode_into;

/// Elements inside each other that are told apart; deeper ones are only their symbols.
const DEEPEST: usize = 60;

/// Whether a script of this type holds TeX, which another script draws.
pub(crate) fn is_tex(kind: &str) -> bool {
    kind.starts_with("math/tex")
}

/// The formula of a `math` element with the attributes `raw`: its `alttext`, else its symbols in a line.
pub(crate) fn text(raw: &str, inside: &str) -> String {
    let mut attrs = Attrs::default();
    attrs.read(raw);
    if let Some(alt) = attrs.filled("alttext") {
        return alt.into_owned();
    }
    let mut line = Line { rest: inside };
    let mut signs = String::new();
    while let Some(part) = line.part(0) {
        signs.push_str(&part);
    }
    signs
}

/// What is still to be read.
struct Line<'a> {
    rest: &'a str,
}

impl Line<'_> {
    /// The next element or text as signs; `None` at an end tag, which is passed, and at the end.
    fn part(&mut self, depth: usize) -> Option<String> {
        let Some(at) = memchr(b'<', self.rest.as_bytes()) else {
            let last = decoded(std::mem::take(&mut self.rest));
            return (!last.is_empty()).then_some(last);
        };
        let before = decoded(&self.rest[..at]);
        if !before.is_empty() {
            self.rest = &self.rest[at..];
            return Some(before);
        }
        let tag = &self.rest[at + 1..];
        let end = memchr(b'>', tag.as_bytes()).unwrap_or(tag.len());
        let inside = &tag[..end];
        self.rest = tag.get(end + 1..).unwrap_or_default();
        if inside.starts_with('/') {
            return None;
        }
        let name = inside.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').next().unwrap_or_default();
        // Annotations say the same in a different notation.
        if name.starts_with("annotation") {
            let close = memmem::find(self.rest.as_bytes(), b"</annotation").unwrap_or(self.rest.len());
            let rest = &self.rest[close..];
            self.rest = memchr(b'>', rest.as_bytes()).map_or("", |end| &rest[end + 1..]);
            return Some(String::new());
        }
        if inside.ends_with('/') || inside.starts_with('!') || depth > DEEPEST {
            return Some(String::new());
        }
        let mut parts = Vec::new();
        while let Some(part) = self.part(depth + 1) {
            parts.push(part);
        }
        Some(joined(name, &parts))
    }
}

/// The parts of the element `name` in a line.
fn joined(name: &str, parts: &[String]) -> String {
    match (name, parts) {
        ("mfrac", [over, under]) => format!("{}/{}", grouped(over), grouped(under)),
        ("msup" | "mover", [base, over]) => format!("{base}^{}", grouped(over)),
        ("msub" | "munder", [base, under]) => format!("{base}_{}", grouped(under)),
        ("msubsup" | "munderover", [base, under, over]) => format!("{base}_{}^{}", grouped(under), grouped(over)),
        ("msqrt", parts) => format!("√{}", grouped(&parts.concat())),
        ("mroot", [base, degree]) => format!("{}^(1/{degree})", grouped(base)),
        ("mtr" | "mlabeledtr", parts) => format!("{}; ", parts.join(" ")),
        (_, parts) => parts.concat(),
    }
}

/// In brackets where it is more than one number or name.
fn grouped(part: &str) -> String {
    let is_one = part.chars().all(char::is_alphanumeric) && (part.chars().count() == 1 || part.parse::<u64>().is_ok());
    if is_one || part.chars().count() == 1 { part.to_owned() } else { format!("({part})") }
}

fn decoded(raw: &str) -> String {
    let mut text = String::new();
    decode_into(raw.trim(), &mut text);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_keeps_its_sense_in_a_line() {
        let check = |inside: &str, want: &str| assert_eq!(text("", inside), want, "{inside}");
        check("<mi>E</mi><mo>=</mo><mi>m</mi>", "E=m");
        check("<mfrac><mn>1</mn><mn>2</mn></mfrac>", "1/2");
        check("<mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mn>12</mn></mfrac>", "(a+b)/12");
        check("<msup><mi>x</mi><mn>2</mn></msup><mo>&lt;</mo><msub><mi>y</mi><mi>i</mi></msub>", "x^2<y_i");
        check("<msqrt><mi>x</mi></msqrt>", "√x");
        check("<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover>", "∑_(i=1)^n");
        check("<semantics><mi>a</mi><annotation>\\frac</annotation></semantics>b", "ab");
        check("<mspace/><mi>a", "a");
        check("", "");
        assert_eq!(text(" alttext='x &lt; y'", "<mi>z</mi>"), "x < y");
        assert!(text("", &"<mrow>".repeat(100_000)).is_empty());
    }

    proptest::proptest! {
        #[test]
        fn no_formula_panics(inside in "(<|>|/|mi|mfrac|msup|annotation| |é|&lt;|<mi>|</mi>){0,40}") {
            let _ = text("", &inside);
        }
    }
}
