//! Templates → pages: the built-in ones and an operator's own go through the same engine.
//!
//! A template reads what it is given and nothing else: no files, no clock. Whatever it prints is escaped
//! unless it is HTML that was sanitised here; how much it can loop and print is limited.

use std::io;

use minijinja::value::{Serde, Value};
use minijinja::{Environment, Error, ErrorKind, Output, UndefinedBehavior};
use serde::Serialize;

use super::error::RenderError;
use super::forms::escape_html;

/// Steps of a template: a page of 300 items takes some 100,000.
const FUEL: u64 = 10_000_000;
/// Maximum bytes of a page before it is cut to what may be published.
const MOST_BYTES: usize = 8 * 1024 * 1024;
/// Templates within templates: deeper than any page needs.
const DEPTH: usize = 64;

/// The style sheet of every page that we write ourselves; a template prints it with `{{ style }}`.
pub(super) const STYLE: &str = concat!(include_str!("base.css"), include_str!("page.css"));
/// That of the pages of single stories, with `{{ story_style }}`: each has it, so it is short.
const STORY_STYLE: &str = concat!(include_str!("base.css"), include_str!("story.css"));

/// The icon of every page, woven threads, with `{{ icon }}`: in the page itself, since a file beside it would be one more request.
const ICON: &str = concat!(
    r#"<link rel="icon" href="data:image/svg+xml,%3Csvg%20xmlns='http://www.w3.org/2000/svg'%20viewBox='0%200%2016%2016'%3E"#,
    r#"%3Crect%20width='16'%20height='16'%20rx='3'%20fill='%239b3a1a'/%3E"#,
    r#"%3Cpath%20d='M3%205.5h5m4.5%200h.5M3%2010.5h.5m4.5%200h5M5.5%203v.5m0%204.5v5M10.5%203v5m0%204.5v.5'%20fill='none'%20stroke='%23fbfaf6'%20stroke-width='2'%20stroke-linecap='round'/%3E%3C/svg%3E">"#,
);

/// What `source`, the template called `name`, makes of `context`.
///
/// # Errors
/// [`RenderError::Template`] names the template, the line and what is wrong there.
pub(super) fn fill(name: &str, source: &str, context: &impl Serialize) -> Result<Vec<u8>, RenderError> {
    Engine::new(name, source)?.fill(context)
}

/// A template that is read once, for many pages.
#[derive(Debug)]
pub(super) struct Engine<'s> {
    environment: Environment<'s>,
    name: &'s str,
}

impl<'s> Engine<'s> {
    /// The engine for `source`, the template called `name`.
    ///
    /// # Errors
    /// As [`fill`].
    pub(super) fn new(name: &'s str, source: &'s str) -> Result<Self, RenderError> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        environment.set_formatter(print);
        environment.set_fuel(Some(FUEL));
        environment.set_recursion_limit(DEPTH);
        environment.remove_filter("safe");
        environment.add_global("style", Value::from_safe_string(STYLE.to_owned()));
        environment.add_global("icon", Value::from_safe_string(ICON.to_owned()));
        environment.add_global("story_style", Value::from_safe_string(STORY_STYLE.to_owned()));
        environment.add_template(name, source).map_err(|error| wrong(name, &error))?;
        Ok(Self { environment, name })
    }

    /// What the template makes of `context`.
    ///
    /// # Errors
    /// As [`fill`].
    pub(super) fn fill(&self, context: &impl Serialize) -> Result<Vec<u8>, RenderError> {
        let wrong = |error: &Error| wrong(self.name, error);
        let template = self.environment.get_template(self.name).map_err(|error| wrong(&error))?;
        let mut page = Bounded(Vec::new());
        template.render_captured_to(Value::from(Serde(context)), &mut page).map_err(|error| wrong(&error))?;
        Ok(page.0)
    }
}

fn wrong(name: &str, error: &Error) -> RenderError {
    RenderError::Template { template: name.to_owned(), reason: reason(error) }
}

/// HTML of our own making, printed as it is.
#[derive(Debug, Clone)]
pub(super) struct Html(pub(super) String);

impl Serialize for Html {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Value::from_safe_string(self.0.clone()).serialize(serializer)
    }
}

/// `line 12: …`, one sentence per cause.
fn reason(error: &Error) -> String {
    let mut text = error.line().map_or_else(String::new, |line| format!("line {line}: "));
    text.push_str(&error.kind().to_string());
    if let Some(detail) = error.detail() {
        text.push_str(": ");
        text.push_str(detail);
    }
    text
}

/// Prints a value: escaped, except for what was marked as HTML.
fn print(out: &mut Output<'_>, _: &mut minijinja::State<'_, '_>, value: &Value) -> Result<(), Error> {
    if value.is_undefined() {
        return Err(Error::from(ErrorKind::UndefinedError));
    }
    if value.is_none() {
        return Ok(());
    }
    let text = value.to_string();
    let text = if value.is_safe() { text } else { escape_html(&text) };
    out.write_str(&text).map_err(Error::from)
}

/// A page in memory whose growth is limited.
struct Bounded(Vec<u8>);

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MOST_BYTES {
            return Err(io::Error::other(format!("the page is larger than {MOST_BYTES} bytes")));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn filled(source: &str) -> Result<String, String> {
        let context = json!({"text": "<b>&\"'", "list": [1, 2, 3], "nothing": null});
        fill("own.html", source, &context)
            .map(|page| String::from_utf8(page).unwrap())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_printed_is_escaped_and_no_template_can_change_that() {
        assert_eq!(filled("{{ text }}{{ nothing }}").unwrap(), "&lt;b&gt;&amp;&quot;&#39;");
        assert_eq!(filled("{% autoescape false %}{{ text }}{% endautoescape %}").unwrap(), "&lt;b&gt;&amp;&quot;&#39;");
        assert!(filled("{{ text|safe }}").unwrap_err().contains("line 1"));
        assert!(filled("{{ style }}").unwrap().contains(":root"));
    }

    #[test]
    fn a_mistake_is_told_with_its_line() {
        for (source, line) in
            [("a\n{{ tex }}", "line 2"), ("{% for x in list %}\n", "line"), ("\n\n{{ list|nope }}", "line 3")]
        {
            let wrong = filled(source).unwrap_err();
            assert!(wrong.contains("own.html") && wrong.contains(line), "{wrong}");
        }
    }

    #[test]
    fn no_template_runs_or_prints_for_ever_or_reads_a_file() {
        let nested = "{% for a in range(9999) %}{% for b in range(9999) %}{{ a }}{% endfor %}{% endfor %}";
        assert!(filled(nested).is_err());
        let long = format!("{{% for a in range(9999) %}}{}{{% endfor %}}", "x".repeat(9_999));
        assert!(filled(&long).is_err());
        assert!(filled("{% include '/etc/passwd' %}").is_err());
        assert!(filled("{% include 'Cargo.toml' %}").is_err());
    }
}
