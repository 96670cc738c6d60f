//! The tables of ARCHITECTURE.md: which room may import which, and where each crate and power is at home.

/// Each room with what lies below it. What is not named is not imported; a room may always import itself.
pub(super) const ROOMS: &[(&str, &[&str])] = &[
    ("model", &["text"]),
    ("text", &["model"]),
    ("rights", &["model", "text"]),
    ("config", &["rights", "model", "text"]),
    ("parse", &["config", "rights", "model", "text"]),
    ("extract", &["parse", "config", "rights", "model", "text"]),
    ("store", &["config", "rights", "model", "text"]),
    ("gather", &["store", "extract", "parse", "config", "rights", "model", "text"]),
    ("weave", &["store", "config", "rights", "model", "text"]),
    ("publish", &["store", "config", "rights", "model", "text"]),
    ("takedown", &["publish", "store", "config", "rights", "model", "text"]),
    (
        "pass",
        &["takedown", "gather", "weave", "publish", "store", "extract", "parse", "config", "rights", "model", "text"],
    ),
    (
        "ops",
        &[
            "pass", "takedown", "gather", "weave", "publish", "store", "extract", "parse", "config", "rights", "model",
            "text",
        ],
    ),
    (
        "cli",
        &[
            "ops", "pass", "takedown", "gather", "weave", "publish", "store", "extract", "parse", "config", "rights",
            "model", "text",
        ],
    ),
];

/// What any file may use.
const ANYWHERE: &[&str] = &[""];

/// Where each crate is at home, as beginnings of paths from `src`. Every dependency stands here.
pub(super) const CRATES: &[(&str, &[&str])] = &[
    ("aho_corasick", &["extract/", "text/picture.rs"]),
    ("ammonia", &["text/sanitize.rs"]),
    ("anyhow", &["cli/"]),
    ("axum", &["cli/demo/"]),
    ("chardetng", &["text/charset.rs"]),
    ("clap", &["cli/"]),
    ("clap_complete", &["cli/completions.rs"]),
    ("ego_tree", &["extract/", "text/css.rs"]),
    (
        "encoding_rs",
        &[
            "text/charset.rs",
            "parse/",
            "extract/",
            "config/source.rs",
            "config/read_source.rs",
            "gather/known_state.rs",
        ],
    ),
    ("feed_rs", &["publish/gate.rs", "publish/gate/"]),
    ("flate2", &["gather/fetch/", "cli/article.rs"]),
    ("foldhash", &["parse/", "extract/", "weave/"]),
    ("hyper", &["gather/fetch/"]),
    ("indicatif", &["cli/"]),
    ("jiff", ANYWHERE),
    ("memchr", &["text/", "parse/", "extract/", "gather/fetch/", "publish/render/"]),
    ("minijinja", &["publish/render/", "config/template.rs"]),
    ("quick_xml", &["publish/render/", "publish/gate.rs", "publish/gate/"]),
    ("regex", &["config/", "extract/", "publish/"]),
    ("reqwest", &["gather/fetch/"]),
    ("rss", &["publish/render/"]),
    ("rusqlite", &["store/"]),
    ("rust_stemmers", &["weave/"]),
    ("rustls", &["gather/fetch/"]),
    ("scraper", &["extract/", "text/css.rs", "text/page.rs"]),
    ("serde", &["cli/", "config/", "publish/render/", "publish/filter/", "store/", "takedown/journal.rs"]),
    (
        "serde_json",
        &[
            "cli/",
            "extract/",
            "parse/",
            "gather/fetch/",
            "publish/",
            "store/",
            "takedown/journal.rs",
            "text/loose_json.rs",
        ],
    ),
    ("sha2", &["text/hash.rs"]),
    ("strsim", &["config/"]),
    ("terminal_size", &["cli/"]),
    ("thiserror", ANYWHERE),
    ("tokio", &["gather/", "cli/", "pass.rs"]),
    ("toml", &["config/"]),
    ("tracing", ANYWHERE),
    ("tracing_subscriber", &["cli/"]),
    ("unicode_normalization", &["weave/", "publish/"]),
    ("unicode_segmentation", &["publish/"]),
    ("url", ANYWHERE),
];

/// A name of an outside crate, or the beginning of one, that has fewer homes than its crate.
pub(super) const POWERS: &[(&str, &[&str], &str)] = &[
    ("quick_xml::Writer", &["publish/render/"], "XML is written in publish/render"),
    ("quick_xml::writer", &["publish/render/"], "XML is written in publish/render"),
    (
        "quick_xml::Reader",
        &["publish/gate.rs", "publish/gate/"],
        "XML is read by parse; quick-xml only reads it back at the gate",
    ),
    (
        "quick_xml::NsReader",
        &["publish/gate.rs", "publish/gate/"],
        "XML is read by parse; quick-xml only reads it back at the gate",
    ),
    (
        "quick_xml::reader",
        &["publish/gate.rs", "publish/gate/"],
        "XML is read by parse; quick-xml only reads it back at the gate",
    ),
    ("std::io::stdout", &["cli/"], "only the command line prints"),
    ("std::io::stderr", &["cli/"], "only the command line prints"),
    ("std::process::Command", &["publish/filter/", "cli/"], "programs are started by publish/filter"),
    ("std::net", &["gather/", "config/", "cli/demo/"], "the network is gather's"),
    (
        "std::env",
        &["cli/", "config/", "publish/filter/"],
        "the environment is read by the command line, feeds.toml's env: and programs",
    ),
];

/// Reading the calendar's clock: `now` is an argument everywhere else.
pub(super) const CALENDAR: &[&str] = &["cli/"];

/// Reading the clock that only counts on: for time limits and spacing.
pub(super) const STOPWATCH: &[&str] = &["cli/", "gather/", "publish/filter/", "store/open.rs"];

/// Where something may be waited for.
pub(super) const ASYNC: &[&str] = &["gather/", "pass.rs", "cli/"];

/// Where statements of SQL stand.
pub(super) const SQL: &[&str] = &["store/"];

/// Files that import each other in a circle, and why each may.
pub(super) const CIRCLES: &[(&[&str], &str)] = &[
    (
        &[
            "cli/article.rs",
            "cli/check.rs",
            "cli/completions.rs",
            "cli/corrections.rs",
            "cli/demo/closing.rs",
            "cli/demo/mod.rs",
            "cli/demo/origin.rs",
            "cli/demo/pages.rs",
            "cli/demo/samples/mod.rs",
            "cli/demo/template.rs",
            "cli/find.rs",
            "cli/gather.rs",
            "cli/init.rs",
            "cli/inspect.rs",
            "cli/join.rs",
            "cli/mod.rs",
            "cli/publish.rs",
            "cli/replay.rs",
            "cli/report.rs",
            "cli/rights.rs",
            "cli/run.rs",
            "cli/session.rs",
            "cli/split.rs",
            "cli/status.rs",
            "cli/takedown.rs",
            "cli/talk.rs",
            "cli/try_source.rs",
            "cli/verdicts.rs",
            "cli/weave.rs",
            "cli/why.rs",
            "cli/wrap.rs",
        ],
        "from before the rule",
    ),
    (
        &[
            "config/duration.rs",
            "config/filter.rs",
            "config/mod.rs",
            "config/problem.rs",
            "config/program.rs",
            "config/source.rs",
            "config/table.rs",
            "config/template.rs",
        ],
        "from before the rule",
    ),
    (&["config/load.rs", "config/output.rs", "config/read_source.rs"], "from before the rule"),
    (&["extract/facts.rs", "extract/names.rs"], "from before the rule"),
    (&["extract/features/look.rs", "extract/features/mod.rs", "extract/features/page.rs"], "from before the rule"),
    (
        &[
            "publish/about.rs",
            "publish/attribution.rs",
            "publish/body.rs",
            "publish/boilerplate.rs",
            "publish/coverage.rs",
            "publish/excerpt.rs",
            "publish/filter/exchange.rs",
            "publish/filter/mod.rs",
            "publish/filter/program.rs",
            "publish/fingerprint.rs",
            "publish/gate.rs",
            "publish/item.rs",
            "publish/item_set.rs",
            "publish/mod.rs",
            "publish/nesting.rs",
            "publish/page_fallback.rs",
            "publish/plain_line.rs",
            "publish/render/atom.rs",
            "publish/render/engine.rs",
            "publish/render/forms.rs",
            "publish/render/html.rs",
            "publish/render/json.rs",
            "publish/render/language.rs",
            "publish/render/mod.rs",
            "publish/render/nav.rs",
            "publish/render/opml.rs",
            "publish/render/page_body.rs",
            "publish/render/plain.rs",
            "publish/render/rss.rs",
            "publish/render/sources.rs",
            "publish/select.rs",
            "publish/taken_down.rs",
            "publish/verdict.rs",
            "publish/verify.rs",
        ],
        "from before the rule",
    ),
    (&["publish/archive.rs", "publish/stage.rs"], "from before the rule"),
    (&["store/articles.rs", "store/entries.rs", "store/tdm.rs"], "from before the rule"),
];

/// Files of more than [`super::shape::LONGEST_FILE`] lines, and why.
pub(super) const LONG_FILES: &[(&str, &str)] = &[
    ("config/load.rs", "from before the rule"),
    ("gather/fetch/mod.rs", "from before the rule"),
    ("store/entries.rs", "from before the rule"),
    ("store/stories.rs", "from before the rule"),
];

/// Functions of more than [`super::shape::LONGEST_FUNCTION`] lines, as `file: name`, and why.
pub(super) const LONG_FUNCTIONS: &[(&str, &str)] = &[
    ("config/read_source.rs: read_source", "from before the rule"),
    ("extract/features/look.rs: is_stock", "from before the rule"),
    ("extract/features/names.rs: names", "from before the rule"),
    ("gather/attempt.rs: remote", "from before the rule"),
    ("gather/commit.rs: settle_feed", "from before the rule"),
    ("parse/start.rs: start_value", "from before the rule"),
    ("parse/take.rs: take", "from before the rule"),
    ("parse/typed.rs: is_html_element", "from before the rule"),
    ("publish/nesting.rs: table", "from before the rule"),
    ("publish/stage.rs: publish", "from before the rule"),
];

/// Functions with a parameter that is a bare bool, as `file: name`, and why.
pub(super) const BOOLS: &[(&str, &str)] = &[
    ("cli/article.rs: show", "from before the rule"),
    ("cli/report.rs: new", "from before the rule"),
    ("cli/report.rs: tell_due", "from before the rule"),
    ("cli/report.rs: tone", "from before the rule"),
    ("cli/run.rs: exit", "from before the rule"),
    ("cli/takedown.rs: list", "from before the rule"),
    ("cli/takedown.rs: take", "from before the rule"),
    ("gather/fetch/robots.rs: new", "from before the rule"),
    ("gather/run.rs: phase", "from before the rule"),
    ("parse/decode.rs: from_utf_32", "from before the rule"),
    ("publish/body.rs: whole_text", "from before the rule"),
    ("publish/filter/exchange.rs: changed", "from before the rule"),
    ("publish/filter/exchange.rs: outgoing", "from before the rule"),
    ("publish/filter/mod.rs: ask", "from before the rule"),
    ("store/entries.rs: insert_entry", "from before the rule"),
    ("weave/similar.rs: when", "from before the rule"),
    ("weave/vocabulary.rs: intern", "from before the rule"),
    ("weave/vocabulary.rs: new", "from before the rule"),
    ("weave/vocabulary.rs: of", "from before the rule"),
    ("weave/vocabulary.rs: set_whole", "from before the rule"),
];

/// `mod.rs` files that hold more than declarations, and why.
pub(super) const WORKING_DOORS: &[(&str, &str)] = &[
    ("cli/demo/mod.rs", "from before the rule"),
    ("cli/demo/samples/mod.rs", "from before the rule"),
    ("cli/mod.rs", "from before the rule"),
    ("config/mod.rs", "from before the rule"),
    ("extract/features/mod.rs", "from before the rule"),
    ("gather/fetch/mod.rs", "from before the rule"),
    ("ops/mod.rs", "from before the rule"),
    ("publish/filter/mod.rs", "from before the rule"),
    ("publish/mod.rs", "from before the rule"),
    ("publish/render/mod.rs", "from before the rule"),
    ("store/mod.rs", "from before the rule"),
];
