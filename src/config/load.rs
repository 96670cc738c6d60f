//! feeds.toml from the file to a checked [`Config`].

use std::collections::BTreeMap;
use std::ops::{Range, RangeInclusive};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::SignedDuration;
use toml::de::DeTable;

use super::output::{add_about, default_outputs, read_output, refuse_among_days};
use super::problem::{ConfigError, Lines, Problem, Report};
use super::read_source::read_source;
use super::table::{At, Problems, Table};
use crate::text::Fingerprint;

use super::{
    Allowed, Config, FetchConfig, OutputConfig, RobotsFor, SameStory, SourceAddress, SourceConfig, WeaveConfig,
};

/// Largest feeds.toml in bytes: 5,000 sources with every key fit in a tenth of it.
const LARGEST_FILE_BYTES: u64 = 16 * 1024 * 1024;
/// Floor between two requests to one source: what the most patient publishers ask for.
const FLOOR: SignedDuration = SignedDuration::from_mins(30);
/// Least time between two request starts to one host.
const SPACING: Duration = Duration::from_secs(1);
/// Requests in flight over all hosts.
const PARALLELISM: usize = 16;
/// Time limit of one request with its body.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Time limit of all fetching in one run.
const DEADLINE: Duration = Duration::from_secs(600);
/// Largest decoded body: the largest real feeds seen have 5 MB.
const MAX_BODY_BYTES: u64 = 10 * 1024 * 1024;
/// How far back an entry looks for its story: 93 % of followers come within 24 h, nearly all in 72 h.
const LOOKBACK: SignedDuration = SignedDuration::from_hours(72);
/// Longest that a story may wait for other outlets: then it is no news any more.
const LONGEST_SETTLE: SignedDuration = SignedDuration::from_hours(24);
/// Longest of every interval.
const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 366);
const SECOND: SignedDuration = SignedDuration::from_secs(1);
const MINUTE: SignedDuration = SignedDuration::from_mins(1);

impl Config {
    /// Reads and checks the file at `path`.
    ///
    /// # Errors
    /// [`ConfigError`]; where the file is wrong, with all its problems at once.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let unreadable = |source: std::io::Error| {
            let path = path.to_owned();
            if source.kind() == std::io::ErrorKind::NotFound {
                ConfigError::Missing { path }
            } else {
                ConfigError::Unreadable { path, source }
            }
        };
        let meta = std::fs::metadata(path).map_err(unreadable)?;
        if meta.len() > LARGEST_FILE_BYTES {
            let what = format!("it is larger than {LARGEST_FILE_BYTES} bytes");
            return Err(ConfigError::Unreadable { path: path.to_owned(), source: std::io::Error::other(what) });
        }
        let text = std::fs::read_to_string(path).map_err(unreadable)?;
        let mut config = Self::parse(path, &text)?;
        if config.holds_literal_secret() && is_world_readable(&meta) {
            let path = path.display();
            config.warnings.push(format!("everybody on this machine can read the secret in {path}: chmod o-r {path}"));
        }
        Ok(config)
    }

    /// Checks `text` as if it stood in the file `path`.
    ///
    /// # Errors
    /// [`ConfigError::Wrong`] with every problem in it.
    pub fn parse(path: &Path, text: &str) -> Result<Self, ConfigError> {
        let problems = Problems::default();
        let (document, broken) = DeTable::parse_recoverable(text);
        for error in &broken {
            let at = error.span().unwrap_or(0..0);
            problems.add(at, format!("this is no TOML: {}", error.message()), "mend it here");
        }
        // What follows a syntax error is not judged: it would be about what the parser made of it.
        let config = broken.is_empty().then(|| Reading { path, text, problems: &problems }.config(document.get_ref()));
        match config {
            Some(config) if problems.is_empty() => Ok(config),
            _ => Err(ConfigError::Wrong(Report::new(path, text, problems.into_vec()))),
        }
    }

    fn holds_literal_secret(&self) -> bool {
        self.sources.iter().any(|source| source.has_literal_headers)
    }
}

#[cfg(unix)]
fn is_world_readable(meta: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    meta.permissions().mode() & 0o004 != 0
}

#[cfg(not(unix))]
fn is_world_readable(_meta: &std::fs::Metadata) -> bool {
    false
}

struct Reading<'a> {
    path: &'a Path,
    text: &'a str,
    problems: &'a Problems,
}

impl<'a> Reading<'a> {
    fn config(&self, document: &'a DeTable<'a>) -> Config {
        let top = Table::new(document, 0..0, self.problems);
        let folder = absolute_folder(self.path);
        let in_folder = |text: Option<At<&str>>, default: &str| folder.join(text.map_or(default, |text| text.value));
        let title = top.words("title").map_or("Combined feed", |text| text.value).trim().to_owned();
        let description = match top.words("description") {
            Some(text) => text.value.trim().to_owned(),
            None => "Each story once, with a link to every original article".to_owned(),
        };
        let link = top.web_address("link").map(|link| with_slash(link.value));
        let contact = top.words("contact").and_then(|text| self.contact(&text));
        let language = top.words("language").map_or_else(|| "en".to_owned(), |text| self.language(&text));
        let database = in_folder(top.words("database"), "data/feedloom.db");
        let output_dir = in_folder(top.words("output_dir"), "data/public");
        top.not_yet("public_url");
        let settle = top.duration("settle", SignedDuration::ZERO..=LONGEST_SETTLE).unwrap_or_default();
        let fetch = self.fetch(top.table("fetch"));
        let weave = self.weave(top.table("weave"));
        let takedown = top.web_addresses("takedown");
        let sources = self.sources(&top, &folder);
        let commercial = top.flag("commercial").unwrap_or_default();
        let obey_drafts = top.flag("obey_drafts").unwrap_or_default();
        let outputs = self.outputs(&top, &folder, &sources, link.as_ref());
        top.finish();
        let warnings = warnings(&fetch, link.as_ref(), contact.as_ref());
        let fingerprint = fingerprint(self.text, &outputs);
        let path = self.path.to_owned();
        Config {
            path,
            database,
            output_dir,
            title,
            description,
            link,
            contact,
            language,
            commercial,
            obey_drafts,
            settle,
            fetch,
            weave,
            takedown,
            sources,
            outputs,
            fingerprint,
            warnings,
        }
    }

    /// It goes into a request header: visible ASCII only.
    fn contact(&self, text: &At<&str>) -> Option<String> {
        let contact = text.value.trim();
        let fits = contact.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'(' | b')'));
        if !fits {
            self.problems.add(
                text.at.clone(),
                "`contact` goes into the User-Agent and cannot hold this",
                "write an address of yours: \"https://example.org/about\" or \"mailto:me@example.org\"",
            );
        }
        fits.then(|| contact.to_owned())
    }

    fn language(&self, text: &At<&str>) -> String {
        let language = text.value.trim().to_ascii_lowercase();
        let fits = language
            .split('-')
            .all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()));
        if !fits {
            self.problems.add(
                text.at.clone(),
                "`language` is no language tag",
                "write one such as \"en\" or \"en-us\"",
            );
        }
        language
    }

    fn fetch(&self, table: Option<Table<'_>>) -> FetchConfig {
        let mut fetch = FetchConfig {
            every: None,
            floor: FLOOR,
            spacing: SPACING,
            parallelism: PARALLELISM,
            timeout: TIMEOUT,
            deadline: DEADLINE,
            max_body_bytes: MAX_BODY_BYTES,
            allow: Vec::new(),
            user_agent: None,
            robots: RobotsFor::default(),
        };
        let Some(table) = table else { return fetch };
        let real = |duration: SignedDuration| Duration::try_from(duration).unwrap_or_default();
        fetch.every = table.duration("every", MINUTE..=LONGEST);
        fetch.floor = table.duration("floor", SignedDuration::ZERO..=LONGEST).unwrap_or(FLOOR);
        let minutes = |most| SignedDuration::ZERO..=SignedDuration::from_mins(most);
        fetch.spacing = table.duration("spacing", minutes(10)).map_or(SPACING, real);
        fetch.timeout = table.duration("timeout", SECOND..=SignedDuration::from_mins(10)).map_or(TIMEOUT, real);
        fetch.deadline = table.duration("deadline", SECOND..=SignedDuration::from_hours(24)).map_or(DEADLINE, real);
        if let Some(number) = table.whole("parallelism", 1..=1_000) {
            fetch.parallelism = usize::try_from(number).unwrap_or(PARALLELISM);
        }
        if let Some(text) = table.words("max_body") {
            match size(text.value).filter(|bytes| (1_024..=1024 * 1024 * 1024).contains(bytes)) {
                Some(bytes) => fetch.max_body_bytes = bytes,
                None => table.wrong(text.at, "`max_body` is no size", "write 1KiB to 1024MiB, such as \"10MiB\""),
            }
        }
        for rule in table.texts("allow") {
            match rule.value.parse::<Allowed>() {
                Ok(allowed) => fetch.allow.push(allowed),
                Err(error) => table.wrong(rule.at, format!("{:?} is no address", rule.value), error.to_string()),
            }
        }
        fetch.user_agent = table.words("user_agent").and_then(|text| {
            let fits = text.value.bytes().all(|b| b == b' ' || b.is_ascii_graphic());
            if !fits {
                table.wrong(
                    text.at.clone(),
                    "`user_agent` goes into a request header and cannot hold this",
                    "use ASCII",
                );
            }
            fits.then(|| text.value.trim().to_owned())
        });
        fetch.robots =
            table.choice("robots", &[("articles", RobotsFor::Articles), ("all", RobotsFor::All)]).unwrap_or_default();
        table.not_yet("proxy");
        table.finish();
        fetch
    }

    fn weave(&self, table: Option<Table<'_>>) -> WeaveConfig {
        let mut weave =
            WeaveConfig { same_story: SameStory::default(), lookback: LOOKBACK, split: Vec::new(), join: Vec::new() };
        let Some(table) = table else { return weave };
        let modes = [
            ("off", SameStory::Off),
            ("exact", SameStory::Exact),
            ("balanced", SameStory::Balanced),
            ("eager", SameStory::Eager),
        ];
        weave.same_story = table.choice("same_story", &modes).unwrap_or_default();
        let range = SignedDuration::from_hours(1)..=SignedDuration::from_hours(24 * 30);
        weave.lookback = table.duration("lookback", range).unwrap_or(LOOKBACK);
        weave.split = table.address_pairs("split");
        weave.join = table.address_pairs("join");
        table.finish();
        weave
    }

    fn sources(&self, top: &Table<'a>, folder: &Path) -> Vec<SourceConfig> {
        let lines = Lines::of(self.text);
        let defaults = top.table("defaults").map(|defaults| (defaults.raw(), defaults.at.clone()));
        if let Some((raw, at)) = &defaults {
            // Read once as a source of its own, so that a wrong default is told where it stands.
            let table = Table::new(raw, at.clone(), self.problems);
            for key in ["url", "id", "name", "site"] {
                if let Some((name, _)) = raw.get_key_value(key) {
                    self.problems.add(
                        name.span(),
                        format!("`{key}` is no default: each source has its own"),
                        "delete it",
                    );
                }
            }
            read_source(table, folder, &lines, None);
        }
        let behind = defaults.map(|(raw, _)| raw);
        let mut sources = Vec::new();
        let mut places = Vec::new();
        for table in top.tables("source") {
            let at = table.at.clone();
            if let Some((source, id_at, url_at)) = read_source(table.with_defaults(behind), folder, &lines, Some(&at)) {
                places.push((id_at, url_at));
                sources.push(source);
            }
        }
        self.refuse_duplicates(&sources, &places);
        if sources.is_empty() && self.problems.is_empty() {
            self.problems.add(
                0..0,
                "feeds.toml names no source",
                "add one:  [[source]]  and below it  url = \"https://lwn.net/headlines/rss\"",
            );
        }
        sources
    }

    fn refuse_duplicates(&self, sources: &[SourceConfig], places: &[(Range<usize>, Range<usize>)]) {
        let mut addresses: BTreeMap<String, Range<usize>> = BTreeMap::new();
        let mut ids: BTreeMap<&str, Range<usize>> = BTreeMap::new();
        for (source, (id_at, url_at)) in sources.iter().zip(places) {
            let address = same_address(&source.address);
            if let Some(first) = addresses.get(&address) {
                self.problems.push(Problem {
                    at: url_at.clone(),
                    what: format!("two sources share the address {}", source.address.to_url()),
                    instead: "delete one of the two".to_owned(),
                    other: Some((first.clone(), "first used here".to_owned())),
                });
            } else if let Some(first) = ids.get(source.id.as_str()) {
                self.problems.push(Problem {
                    at: id_at.clone(),
                    what: format!("two sources share the id `{}`", source.id),
                    instead: "give one of the two another id = \"…\"".to_owned(),
                    other: Some((first.clone(), "first used here".to_owned())),
                });
            }
            addresses.entry(address).or_insert_with(|| url_at.clone());
            ids.entry(source.id.as_str()).or_insert_with(|| id_at.clone());
        }
    }

    fn outputs(
        &self,
        top: &Table<'a>,
        folder: &Path,
        sources: &[SourceConfig],
        link: Option<&url::Url>,
    ) -> Vec<OutputConfig> {
        let mut outputs: Vec<OutputConfig> = Vec::new();
        let mut places: Vec<Range<usize>> = Vec::new();
        for table in top.tables("output") {
            let Some((output, file_at)) = read_output(table, folder, sources, link) else { continue };
            match outputs.iter().position(|other| in_each_others_way(&other.file, &output.file)) {
                Some(first) => self.problems.push(Problem {
                    at: file_at,
                    what: format!("two outputs write to {}", outputs[first].file),
                    instead: "give one of the two another name".to_owned(),
                    other: Some((places[first].clone(), "first used here".to_owned())),
                }),
                None => {
                    outputs.push(output);
                    places.push(file_at);
                }
            }
        }
        refuse_among_days(&outputs, &places, self.problems);
        let mut outputs = if outputs.is_empty() { default_outputs() } else { outputs };
        if top.flag("about").unwrap_or(true) {
            add_about(&mut outputs);
        }
        outputs
    }
}

/// Whether two outputs would be one file (also where a disk takes upper and lower case for the same), or
/// one of them a folder of the other.
fn in_each_others_way(a: &str, b: &str) -> bool {
    let (a, b) = (format!("{}/", a.to_lowercase()), format!("{}/", b.to_lowercase()));
    a.starts_with(&b) || b.starts_with(&a)
}

fn fingerprint(text: &str, outputs: &[OutputConfig]) -> i64 {
    let mut print = Fingerprint::new();
    print.add(text);
    for template in outputs.iter().filter_map(|output| output.template.as_ref()) {
        print.add(&template.text);
    }
    for filter in outputs.iter().filter_map(|output| output.filter.as_ref()) {
        print.add(&filter.print.to_string());
    }
    print.finish()
}

fn warnings(fetch: &FetchConfig, link: Option<&url::Url>, contact: Option<&String>) -> Vec<String> {
    let mut warnings = Vec::new();
    if !fetch.allow.is_empty() {
        warnings.push("[fetch] allow lets sources reach addresses that are not public".to_owned());
    }
    if contact.is_none() && fetch.user_agent.is_none() {
        warnings
            .push("no `contact` in feeds.toml: publishers cannot reach you; add contact = \"https://…\"".to_owned());
    }
    if link.is_none() {
        warnings.push(
            "no `link` in feeds.toml: the outputs cannot say where they live; add link = \"https://…/\"".to_owned(),
        );
    }
    warnings
}

fn with_slash(mut link: url::Url) -> url::Url {
    link.set_fragment(None);
    link.set_query(None);
    if !link.path().ends_with('/') {
        let path = format!("{}/", link.path());
        link.set_path(&path);
    }
    link
}

fn absolute_folder(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    absolute.parent().map_or_else(|| PathBuf::from("/"), Path::to_owned)
}

/// Bytes of `"10MiB"`, `"500KiB"`, `"4096"`.
fn size(text: &str) -> Option<u64> {
    let text = text.trim();
    let (digits, unit) = text.split_at(text.bytes().take_while(u8::is_ascii_digit).count());
    let factor = match unit.trim() {
        "" | "B" => 1,
        "KiB" | "K" => 1024,
        "MiB" | "M" => 1024 * 1024,
        "GiB" | "G" => 1024 * 1024 * 1024,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(factor)
}

/// What two spellings of one feed address have in common.
fn same_address(address: &SourceAddress) -> String {
    match address {
        SourceAddress::File(path) => path.display().to_string(),
        SourceAddress::Http(url) => {
            let text = url.as_str().split('#').next().unwrap_or_default();
            let text = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or(text);
            text.strip_prefix("www.").unwrap_or(text).trim_end_matches('/').to_owned()
        }
    }
}

/// The range in which an interval of a source may lie.
pub(super) const INTERVAL: RangeInclusive<SignedDuration> = MINUTE..=LONGEST;
