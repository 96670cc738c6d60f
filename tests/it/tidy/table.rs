//! The tables of ARCHITECTURE.md: which room may import which, and where each crate and power is at home.

/// Each room with what lies below it. What is not named is not imported; a room may always import itself.
pub(super) const ROOMS: &[(&str, &[&str])] = &[
    ("files", &[]),
    ("model", &["text"]),
    ("text", &["model"]),
    ("rights", &["model", "text"]),
    ("config", &["rights", "model", "text", "files"]),
    ("parse", &["config", "rights", "model", "text"]),
    ("extract", &["parse", "config", "rights", "model", "text"]),
    ("store", &["config", "rights", "model", "text", "files"]),
    ("gather", &["store", "extract", "parse", "config", "rights", "model", "text"]),
    ("weave", &["store", "config", "rights", "model", "text"]),
    ("publish", &["store", "config", "rights", "model", "text", "files"]),
    ("retention", &["publish", "store", "config", "model"]),
    ("takedown", &["publish", "store", "config", "rights", "model", "text", "files"]),
    (
        "pass",
        &[
            "retention",
            "takedown",
            "gather",
            "weave",
            "publish",
            "store",
            "extract",
            "parse",
            "config",
            "rights",
            "model",
            "text",
        ],
    ),
    ("websub", &["gather", "store", "config", "model", "text"]),
    ("serve", &["websub", "pass", "takedown", "publish", "store", "config", "model", "text"]),
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
            "ops", "serve", "pass", "takedown", "gather", "weave", "publish", "store", "extract", "parse", "config",
            "rights", "model", "text", "files",
        ],
    ),
];

/// What any file may use.
const ANYWHERE: &[&str] = &[""];

/// Where each crate is at home, as beginnings of paths from `src`. Every dependency stands here.
pub(super) const CRATES: &[(&str, &[&str])] = &[
    ("aho_corasick", &["extract/", "publish/appendix.rs", "text/ornament.rs"]),
    ("ammonia", &["text/sanitize.rs"]),
    ("anyhow", &["cli/"]),
    ("axum", &["cli/demo/"]),
    ("brotli", &["serve/page.rs"]),
    ("brotli_decompressor", &["gather/fetch/codec.rs"]),
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
    ("feed_rs", &["publish/gate/"]),
    ("flate2", &["gather/fetch/", "cli/article.rs", "serve/page.rs"]),
    ("foldhash", &["parse/", "extract/", "weave/"]),
    ("httpdate", &["serve/"]),
    ("hyper", &["gather/fetch/", "serve/"]),
    ("hyper_util", &["serve/"]),
    ("icu_segmenter", &["publish/pieces.rs"]),
    ("image", &["extract/picture_copy.rs"]),
    ("indicatif", &["cli/"]),
    ("jiff", ANYWHERE),
    ("listenfd", &["serve/listener.rs"]),
    ("memchr", &["text/", "parse/", "extract/", "gather/fetch/", "publish/render/"]),
    ("minijinja", &["publish/render/", "config/template.rs"]),
    ("psl", &["text/publisher.rs"]),
    ("whatlang", &["parse/language.rs"]),
    ("quick_xml", &["publish/render/", "publish/gate/"]),
    ("regex", &["config/", "extract/", "publish/"]),
    ("reqwest", &["gather/fetch/"]),
    ("libc", &["cli/allocator.rs"]),
    ("ring", &["websub/"]),
    ("rlimit", &["gather/fetch/room.rs", "serve/service.rs"]),
    ("rss", &["publish/render/"]),
    ("rusqlite", &["store/"]),
    ("rust_stemmers", &["weave/"]),
    ("rustix", &["serve/notify.rs"]),
    ("rustls", &["gather/fetch/"]),
    ("scraper", &["extract/", "text/css.rs", "text/page.rs"]),
    (
        "serde",
        &[
            "cli/",
            "publish/digest/file.rs",
            "publish/post/ledger.rs",
            "publish/recover/",
            "publish/render/",
            "store/",
            "takedown/journal.rs",
        ],
    ),
    (
        "serde_json",
        &["cli/", "extract/", "parse/", "gather/fetch/", "publish/", "serve/", "store/", "text/loose_json.rs"],
    ),
    ("sha2", &["text/hash.rs"]),
    ("siphasher", &["text/hash.rs"]),
    ("strsim", &["config/", "gather/other_news"]),
    ("terminal_size", &["cli/"]),
    ("thiserror", ANYWHERE),
    ("tokio", &["gather/", "websub/", "serve/", "cli/"]),
    ("toml", &["config/"]),
    ("toml_edit", &["config/"]),
    ("tracing", ANYWHERE),
    ("tracing_subscriber", &["cli/"]),
    ("unicode_normalization", &["text/name_look.rs", "weave/", "publish/"]),
    ("unicode_security", &["text/name_look.rs"]),
    ("unicode_segmentation", &["publish/"]),
    ("url", ANYWHERE),
    ("web_atoms", &["text/entities.rs"]),
    ("zstd", &["gather/fetch/codec.rs"]),
];

/// A name of an outside crate, or the beginning of one, that has fewer homes than its crate.
pub(super) const POWERS: &[(&str, &[&str], &str)] = &[
    ("quick_xml::Writer", &["publish/render/"], "XML is written in publish/render"),
    ("quick_xml::writer", &[], "XML is written in publish/render, by `quick_xml::Writer`"),
    ("quick_xml::Reader", &["publish/gate/"], "XML is read by parse; quick-xml only reads it back at the gate"),
    ("quick_xml::NsReader", &[], "XML is read by parse; the gate reads it back by `quick_xml::Reader`"),
    ("quick_xml::reader", &[], "XML is read by parse; the gate reads it back by `quick_xml::Reader`"),
    ("std::io::stdout", &["cli/"], "only the command line prints"),
    ("std::io::stderr", &["cli/"], "only the command line prints"),
    ("std::process::Command", &["publish/program/"], "programs are started by publish/program"),
    ("std::net", &["gather/", "config/", "serve/", "cli/demo/"], "the network is gather's and serve's"),
    (
        "std::env",
        &["cli/", "config/", "publish/program/", "serve/notify.rs", "serve/shared.rs"],
        "the environment is read by the command line, feeds.toml's env:, programs, and the service for its manager's socket",
    ),
];

/// Reading the calendar's clock: `now` is an argument everywhere else.
pub(super) const CALENDAR: &[&str] = &["serve/", "cli/"];

/// Reading the clock that only counts on: for time limits and spacing.
pub(super) const STOPWATCH: &[&str] =
    &["gather/", "publish/filter/", "publish/program/", "publish/rewrite/", "serve/", "cli/serve.rs", "store/open.rs"];

/// Where something may be waited for.
pub(super) const ASYNC: &[&str] = &["gather/", "pass.rs", "websub/", "serve/", "cli/"];

/// Where statements of SQL stand.
pub(super) const SQL: &[&str] = &["store/"];

/// Files that import each other in a circle, joined by commas in the order of their names, and why they may.
pub(super) const CIRCLES: &[(&str, &str)] = &[];

/// Files of more than [`super::shape::LONGEST_FILE`] lines, and why.
pub(super) const LONG_FILES: &[(&str, &str)] = &[];

/// Functions of more than [`super::shape::LONGEST_FUNCTION`] lines, as `file: name`, and why.
pub(super) const LONG_FUNCTIONS: &[(&str, &str)] = &[
    ("extract/features/look.rs: is_stock", "a table of names, one line each"),
    ("extract/features/names.rs: names", "a table of names, one line each"),
    ("parse/typed.rs: is_html_element", "a table of names"),
];

/// Functions with a parameter that is a bare bool, as `file: name`, and why.
pub(super) const BOOLS: &[(&str, &str)] = &[];

/// `mod.rs` files that hold more than declarations, and why.
pub(super) const WORKING_DOORS: &[(&str, &str)] = &[
    ("cli/demo/samples/mod.rs", "the table of samples beside their files"),
    ("store/mod.rs", "the store is its handle and its transaction"),
];
