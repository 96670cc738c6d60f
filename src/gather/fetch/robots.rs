//! robots.txt (RFC 9309): what a host lets us fetch, how fast, and what it states about rights. Pure.
//!
//! Linear in the file and, for each question, in the rules and the address: nothing in it can be made slow.

use std::time::Duration;

use url::Url;

use super::path_pattern::{PathPattern, path_of};

/// Our product token (RFC 9309 §2.2.1); matched case-insensitively.
pub(crate) const TOKEN: &str = "feedloom";
/// What lies beyond is not read (RFC 9309 §2.5 requires at least this much).
pub(crate) const MOST_BYTES: usize = 512 * 1024;
/// The longest `Crawl-delay` that counts; a longer one counts as this.
const LONGEST_DELAY: Duration = Duration::from_secs(30);
/// Lines that state something about rights, in a group of ours or before the first; `license` anywhere.
const OF_RIGHTS: [&str; 2] = ["content-signal", "content-usage"];
/// A statement of rights longer than this does not count as one.
const LONGEST_STATEMENT_BYTES: usize = 2048;
/// More of them are not kept.
const MOST_STATEMENTS: usize = 64;

/// What a robots.txt tells us.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Robots {
    rules: Vec<Rule>,
    crawl_delay: Option<Duration>,
    statements: Vec<(String, String)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    effect: Effect,
    pattern: PathPattern,
}

/// What a rule does with the addresses that it matches; of two equally specific rules the greater one wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Effect {
    Disallow,
    Allow,
}

impl Effect {
    fn key(self) -> &'static str {
        match self {
            Self::Disallow => "disallow",
            Self::Allow => "allow",
        }
    }
}

impl Robots {
    /// Reads `bytes` for the product tokens `tokens` (lower case).
    ///
    /// The groups that name one of them count, all together; failing that, those for `*`.
    pub(crate) fn parse(bytes: &[u8], tokens: &[String]) -> Self {
        let bytes = whole_lines(bytes);
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let (mut named, mut any, mut of_all) = (Self::default(), Self::default(), Self::default());
        let mut is_named = false;
        let mut group = Group::default();
        for (key, value) in bytes.split(|b| matches!(b, b'\n' | b'\r')).filter_map(line) {
            if key == "user-agent" {
                group.add_agent(value, tokens);
                is_named |= group.names_us;
                continue;
            }
            if key == "license" {
                of_all.state(&key, value);
                continue;
            }
            if group.is_none() {
                of_all.take(&key, value);
                continue;
            }
            group.closed |= named.is_of_a_group(&key);
            if group.names_us {
                named.take(&key, value);
            }
            if group.names_all {
                any.take(&key, value);
            }
        }
        let mut ours = if is_named { named } else { any };
        // Rules outside any group bind nobody.
        of_all.statements.append(&mut ours.statements);
        ours.statements = of_all.statements;
        ours
    }

    /// Whether `url` may be fetched: the longest rule that matches decides, and of two equally long ones
    /// the one that allows.
    pub(crate) fn allows(&self, url: &Url) -> bool {
        let path = path_of(url);
        let matching = self.rules.iter().filter(|rule| rule.pattern.matches(&path));
        let strongest = matching.map(|rule| (rule.pattern.length(), rule.effect)).max();
        strongest.is_none_or(|(_, effect)| effect == Effect::Allow)
    }

    /// Least time between two request starts that it asks for, at most 30 s.
    pub(crate) fn crawl_delay(&self) -> Option<Duration> {
        self.crawl_delay
    }

    /// All that counts for us, as a robots.txt of its own: what is kept between runs. Reading it yields
    /// the same again.
    pub(crate) fn lines(&self) -> String {
        let mut lines = String::new();
        let mut line = |key: &str, value: &str| {
            for part in [key, ": ", value, "\n"] {
                lines.push_str(part);
            }
        };
        for (key, value) in &self.statements {
            if key == "license" {
                line(key, value);
            }
        }
        line("user-agent", "*");
        for (key, value) in self.statements.iter().filter(|(key, _)| key != "license") {
            line(key, value);
        }
        if let Some(delay) = self.crawl_delay {
            line("crawl-delay", &delay.as_secs_f64().to_string());
        }
        for rule in &self.rules {
            line(rule.effect.key(), &rule.pattern.to_string());
        }
        lines
    }

    /// Whether a line belongs to the group it is in, so that the next `User-agent` opens another.
    fn is_of_a_group(&self, key: &str) -> bool {
        matches!(key, "allow" | "disallow" | "crawl-delay") || OF_RIGHTS.contains(&key)
    }

    fn take(&mut self, key: &str, value: &[u8]) {
        match key {
            "allow" => self.add_rule(Effect::Allow, value),
            "disallow" => self.add_rule(Effect::Disallow, value),
            "crawl-delay" => self.crawl_delay = self.crawl_delay.max(delay(value)),
            _ if OF_RIGHTS.contains(&key) => self.state(key, value),
            _ => {}
        }
    }

    /// An empty value states nothing.
    fn add_rule(&mut self, effect: Effect, value: &[u8]) {
        self.rules.extend(PathPattern::parse(value).map(|pattern| Rule { effect, pattern }));
    }

    fn state(&mut self, key: &str, value: &[u8]) {
        if value.len() > LONGEST_STATEMENT_BYTES || self.statements.len() >= MOST_STATEMENTS {
            return;
        }
        let text: String = String::from_utf8_lossy(value).chars().filter(|c| !c.is_control()).collect();
        if !text.is_empty() {
            self.statements.push((key.to_owned(), text));
        }
    }
}

/// What is read of `bytes`: half a line is another rule than the whole one.
fn whole_lines(bytes: &[u8]) -> &[u8] {
    if bytes.len() <= MOST_BYTES {
        return bytes;
    }
    let head = &bytes[..MOST_BYTES];
    head.iter().rposition(|byte| matches!(byte, b'\n' | b'\r')).map_or(&[], |end| &head[..end])
}

/// The agents of the group that is being read.
#[derive(Debug, Default)]
struct Group {
    names_us: bool,
    names_all: bool,
    names_any: bool,
    /// A rule was read: the next `User-agent` opens another group.
    closed: bool,
}

impl Group {
    fn is_none(&self) -> bool {
        !self.names_any
    }

    fn add_agent(&mut self, value: &[u8], tokens: &[String]) {
        if self.closed {
            *self = Self::default();
        }
        self.names_any = true;
        let token_bytes = value.iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')).count();
        let name = &value[..token_bytes];
        self.names_us |= tokens.iter().any(|token| token.as_bytes().eq_ignore_ascii_case(name));
        self.names_all |= value.first() == Some(&b'*');
    }
}

/// Key, in lower case, and value of a line; `None` if it has none.
fn line(line: &[u8]) -> Option<(String, &[u8])> {
    let line = &line[..memchr::memchr(b'#', line).unwrap_or(line.len())];
    let colon = memchr::memchr(b':', line)?;
    let key = std::str::from_utf8(line[..colon].trim_ascii()).ok()?.to_ascii_lowercase();
    Some((key, line[colon + 1..].trim_ascii()))
}

/// Seconds, with a fraction; a value that is not a number counts as none.
fn delay(value: &[u8]) -> Option<Duration> {
    let seconds: f64 = std::str::from_utf8(value).ok()?.parse().ok()?;
    (seconds > 0.0).then(|| Duration::from_secs_f64(seconds.min(LONGEST_DELAY.as_secs_f64())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens() -> Vec<String> {
        vec![TOKEN.to_owned()]
    }

    fn read(text: &str) -> Robots {
        Robots::parse(text.as_bytes(), &tokens())
    }

    fn allows(robots: &Robots, path: &str) -> bool {
        robots.allows(&Url::parse("https://a.example").unwrap().join(path).unwrap())
    }

    /// Whether `text` lets us fetch each path, as it is and as kept between runs.
    #[track_caller]
    fn check(text: &str, paths: &[(&str, bool)]) {
        let robots = read(text);
        let kept = read(&robots.lines());
        assert_eq!(kept, robots, "kept as {:?}", robots.lines());
        for (path, want) in paths {
            assert_eq!(allows(&robots, path), *want, "{path} by {text:?}");
        }
    }

    #[test]
    fn the_groups_that_name_us_count_together_and_else_those_for_all() {
        check("", &[("/", true)]);
        check("User-agent: *\nDisallow: /", &[("/a", false)]);
        check("User-agent: other\nDisallow: /", &[("/a", true)]);
        check("User-agent: *\nDisallow: /\nUser-agent: FeedLoom\nDisallow: /x", &[("/a", true), ("/x", false)]);
        check(
            "User-agent: feedloom\nDisallow: /x\n\nUser-agent: b\nDisallow: /\n\nuser-agent:FEEDLOOM/2\ndisallow:/y",
            &[("/x", false), ("/y", false), ("/z", true)],
        );
        check("User-agent: *\nDisallow: /a\nUser-agent: *\nDisallow: /b", &[("/a", false), ("/b", false)]);
        check(
            "User-agent: b\nUser-agent: feedloom\nDisallow: /x\nUser-agent: c\nDisallow: /",
            &[("/x", false), ("/y", true)],
        );
        check("User-agent: *\nDisallow: /\nUser-agent: feedloom\nDisallow:", &[("/a", true)]);
        check("User-agent: feedloomer\nDisallow: /", &[("/a", true)]);
        check("User-agent: b\nSitemap: https://a.example/s\nUser-agent: *\nDisallow: /", &[("/a", false)]);
        check("User-agent: *\nCrawl-delay: 1\nUser-agent: b\nDisallow: /", &[("/a", true)]);
        check("Disallow: /\nUser-agent: b\nDisallow: /", &[("/a", true)]);
    }

    #[test]
    fn another_name_in_the_user_agent_is_obeyed_too() {
        let both = ["feedloom".to_owned(), "mybot".to_owned()];
        let robots = Robots::parse(b"User-agent: MyBot\nDisallow: /", &both);
        assert!(!allows(&robots, "/a"));
    }

    #[test]
    fn the_longest_rule_decides_and_of_equals_the_one_that_allows() {
        let all = "User-agent: *\n";
        check(&format!("{all}Disallow: /a\nAllow: /a/b"), &[("/a/c", false), ("/a/b/c", true)]);
        check(&format!("{all}Allow: /a\nDisallow: /a"), &[("/a", true)]);
        check(&format!("{all}Disallow: /a*\nAllow: /a"), &[("/a", false)]);
        check(&format!("{all}Disallow: /*.php\nAllow: /i.php"), &[("/i.php", true), ("/x.php", false)]);
        check(&format!("{all}Disallow: /\nAllow: /$"), &[("/", true), ("/a", false)]);
    }

    #[test]
    fn stars_and_ends() {
        let all = "User-agent: *\n";
        check(&format!("{all}Disallow: /*.gif$"), &[("/a/b.gif", false), ("/b.gif?x", true), ("/.gif", false)]);
        check(&format!("{all}Disallow: /a*b*c"), &[("/a1b2c3", false), ("/abc", false), ("/acb", true)]);
        check(&format!("{all}Disallow: /a*b*b$"), &[("/ab", true), ("/abb", false), ("/abxb", false)]);
        check(&format!("{all}Disallow: *"), &[("/", false)]);
        check(&format!("{all}Disallow: /fish*$"), &[("/fish/salmon", false)]);
        check(&format!("{all}Disallow: /p$q"), &[("/p$q", false), ("/p", true)]);
        check(&format!("{all}Disallow: /s?q="), &[("/s?q=1", false), ("/s", true)]);
        check(&format!("{all}Disallow: private"), &[("/private/x", false)]);
    }

    #[test]
    fn one_spelling_for_all_that_mean_the_same() {
        let all = "User-agent: *\n";
        check(&format!("{all}Disallow: /ツ"), &[("/%E3%83%84", false), ("/%e3%83%84x", false)]);
        check(&format!("{all}Disallow: /%7efoo"), &[("/~foo", false), ("/%7Efoo", false)]);
        check(&format!("{all}Disallow: /a%2Fb"), &[("/a%2fb", false), ("/a/b", true)]);
        check(&format!("{all}Disallow: /%2A%24"), &[("/*$", false), ("/x", true)]);
        check(&format!("{all}Disallow: /a%"), &[("/a%zz", false)]);
    }

    #[test]
    fn line_ends_comments_case_and_marks() {
        check("\u{FEFF}User-Agent : *\r\nDISALLOW:\t/a # why\r\rallow: /a/b\r\n", &[("/a", false), ("/a/b", true)]);
        check("user-agent: * # all\ndisallow:/a", &[("/a", false)]);
        check("nonsense\n:\nuser-agent: *\n\u{0}\ndisallow: /a", &[("/a", false)]);
        let robots = Robots::parse(b"User-agent: *\nDisallow: /\xE9\n", &tokens());
        assert!(!allows(&robots, "/%E9"));
    }

    #[test]
    fn what_lies_beyond_half_a_megabyte_is_not_read() {
        let filler = "# filler\n".repeat(MOST_BYTES / 9 - 10);
        let robots = read(&format!("User-agent: *\nDisallow: /near\n{filler}{filler}Disallow: /far\n"));
        assert!(!allows(&robots, "/near") && allows(&robots, "/far"));
    }

    #[test]
    fn a_crawl_delay_counts_up_to_thirty_seconds() {
        let delay = |value: &str| read(&format!("User-agent: *\nCrawl-delay: {value}\nDisallow:\n")).crawl_delay();
        assert_eq!(delay("5"), Some(Duration::from_secs(5)));
        assert_eq!(delay("0.5"), Some(Duration::from_millis(500)));
        assert_eq!(delay("86400"), Some(LONGEST_DELAY));
        for none in ["", "0", "-1", "abc", "NaN"] {
            assert_eq!(delay(none), None, "{none}");
        }
        assert_eq!(delay("inf"), Some(LONGEST_DELAY));
        check("User-agent: *\nCrawl-delay: 2.5\n", &[("/", true)]);
    }

    #[test]
    fn statements_of_rights_are_kept_as_written() {
        let robots = read(
            "License: https://a.example/rsl.xml\nUser-agent: *\nContent-Signal: search=yes, ai-train=no\n\
             Content-Usage: /x ai=n\nUser-agent: b\nContent-Signal: search=no\n",
        );
        let says: Vec<_> = robots.statements.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(
            says,
            [
                ("license", "https://a.example/rsl.xml"),
                ("content-signal", "search=yes, ai-train=no"),
                ("content-usage", "/x ai=n"),
            ]
        );
        assert_eq!(read(&robots.lines()), robots);
    }

    #[test]
    fn hostile_files_take_no_time() {
        let stars = format!("User-agent: *\nDisallow: /{}x\n", "*a".repeat(200_000));
        let many = format!("User-agent: *\n{}", "Disallow: /*a*a*a*b\n".repeat(25_000));
        let agents = "User-agent: feedloom\nDisallow: /\n".repeat(16_000);
        let began = std::time::Instant::now();
        for text in [stars, many, agents] {
            let _ = allows(&read(&text), &format!("/{}", "a".repeat(1000)));
        }
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic_and_keeping_changes_nothing(bytes: Vec<u8>, path in "/a[ -~]{0,40}") {
            let mut text = b"User-agent: *\nDisallow: ".to_vec();
            text.extend(&bytes);
            let robots = Robots::parse(&text, &tokens());
            let kept = read(&robots.lines());
            proptest::prop_assert_eq!(&kept, &robots);
            proptest::prop_assert_eq!(allows(&kept, &path), allows(&robots, &path));
        }
    }
}
