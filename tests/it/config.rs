//! feeds.toml: what is accepted, and what every mistake is told.

use std::path::Path;

use feedloom::{Config, ConfigError, OutputFormat as Format, SameStory, SourceAddress};
use proptest::prelude::*;

fn parse(text: &str) -> Result<Config, String> {
    Config::parse(Path::new("/etc/feedloom/feeds.toml"), text).map_err(|error| error.to_string())
}

/// The only problem of `text`, which must be told at `place` in these words.
#[track_caller]
fn wrong(text: &str, place: &str, what: &str, instead: &str) {
    let told = parse(text).expect_err("it is wrong");
    assert!(told.contains(&format!("feeds.toml:{place}\n")), "place {place} in:\n{told}");
    assert!(told.starts_with(what), "{what:?} first in:\n{told}");
    assert!(told.contains(instead), "{instead:?} in:\n{told}");
    assert_eq!(told.matches("-->").count(), 1, "one problem in:\n{told}");
}

const ONE: &str = "[[source]]\nurl = \"https://a.example/feed\"\n";

#[test]
fn one_line_per_source_is_enough_and_all_else_has_a_default() {
    let config = parse(ONE).unwrap();
    assert_eq!(config.sources.len(), 1);
    assert_eq!(config.sources[0].id.as_str(), "a.example-feed");
    assert_eq!(config.sources[0].excerpt_length, 280);
    assert_eq!(config.fetch.parallelism, 16);
    assert_eq!(config.weave.same_story, SameStory::Balanced);
    assert_eq!(config.database, Path::new("/etc/feedloom/data/feedloom.db"));
    assert_eq!(config.output_dir, Path::new("/etc/feedloom/data/public"));
    let files: Vec<&str> = config.outputs.iter().map(|output| output.file.as_str()).collect();
    assert_eq!(files, ["feed.xml", "atom.xml", "feed.json", "index.html", "sources.opml", "about.html"]);
}

#[test]
fn a_source_takes_what_it_lacks_from_the_defaults() {
    let config = parse(
        "[defaults]\nweight = 3\nexcerpt_length = 100\n[[source]]\nurl = \"https://a.example/\"\n[[source]]\nurl = \"https://b.example/\"\nweight = 5\n",
    )
    .unwrap();
    let weights: Vec<u32> = config.sources.iter().map(|source| source.weight).collect();
    assert_eq!(weights, [3, 5]);
    assert_eq!(config.sources[1].excerpt_length, 100);
}

#[test]
fn a_wrong_default_is_told_once_where_it_stands() {
    wrong(
        &format!("[defaults]\nweight = 101\n{ONE}[[source]]\nurl = \"https://b.example/\"\n"),
        "2:10",
        "`weight` is out of range",
        "write a whole number from 0 to 100",
    );
}

/// T79.
#[test]
fn every_mistake_names_its_place_and_what_to_write_instead() {
    wrong(&format!("titel = \"x\"\n{ONE}"), "1:1", "unknown key `titel`", "did you mean `title`?");
    wrong(&format!("[fetch]\nevery = \"30\"\n{ONE}"), "2:9", "\"30\" is no duration", "\"30m\"");
    wrong(&format!("[fetch]\nallow = [\"localhost\"]\n{ONE}"), "2:10", "\"localhost\" is no address", "127.0.0.1");
    wrong(&format!("[fetch]\nmax_body = \"5 apples\"\n{ONE}"), "2:12", "`max_body` is no size", "10MiB");
    wrong(&format!("[fetch]\nmax_body = 10\n{ONE}"), "2:12", "`max_body` is no size", "write 1KiB to 1024MiB");
    wrong(&format!("{ONE}every = \"1s\"\n"), "3:9", "`every` is out of range", "write 1m to 366d");
    wrong(&format!("{ONE}every = \"2000d\"\n"), "3:9", "`every` is out of range", "write 1m to 366d");
    wrong("[[source]]\nurl = \"env:\"\n", "2:7", "\"\" is no name of an environment variable", "write \"env:NAME\"");
    wrong("[[source]]\nurl = \"env:A B\"\n", "2:7", "\"A B\" is no name", "letters, digits and _");
    wrong(&format!("{ONE}headers = {{ X = \"env:$A\" }}\n"), "3:17", "\"$A\" is no name", "write \"env:NAME\"");
    let rule = "{ field = \"title\", contains = \"x\" }";
    let in_a_list = "write a list of rules: include = [{ field = ";
    wrong(&format!("{ONE}include = {rule}\n"), "3:11", "`include` is a table", in_a_list);
    let output = format!("{ONE}[[output]]\nfile = \"x.xml\"\n");
    wrong(&format!("{output}exclude = {rule}\n"), "5:11", "`exclude` is a table", "exclude = [{ field = ");
    wrong(&format!("link = \"ftp://x\"\n{ONE}"), "1:8", "`link` is no web address", "https://");
    wrong(&format!("{ONE}kind = \"agregator\"\n"), "3:8", "`kind` cannot be", "did you mean \"aggregator\"?");
    wrong(&format!("{ONE}encoding = \"klingon\"\n"), "3:12", "\"klingon\" is no known encoding", "euc-jp");
    wrong(
        &format!("{ONE}exclude = [{{ field = \"title\", matches = \"(\" }}]\n"),
        "3:41",
        "this is no regular",
        "mend it",
    );
    wrong(&format!("{ONE}attribution = \"Read it\"\n"), "3:15", "the attribution does not link", "{link}");
    wrong(&format!("{ONE}attribution = \"{{lnk}}\"\n"), "3:15", "unknown placeholder {lnk}", "{link}");
    wrong(&format!("{ONE}[fetch]\nrobots = \"never\"\n"), "4:10", "`robots` cannot be \"never\"", "\"articles\"");
    wrong(&format!("{ONE}article = \"often\"\n"), "3:11", "`article` cannot be \"often\"", "\"when-short\"");
    wrong(&format!("{ONE}select = \"p[\"\n"), "3:10", "this is no CSS selector", "article .body");
    wrong(&format!("{ONE}items = \"li >\"\n"), "3:9", "this is no CSS selector: a part of it is missing", "article");
    wrong(&format!("{ONE}items = \"li[\"\n"), "3:9", "this is no CSS selector", "article");
    wrong(&format!("{ONE}items = \"li\"\ndate = \"::x\"\n"), "4:8", "this is no CSS selector", ".headline");
    wrong(&format!("{ONE}title = \"LWN\"\n"), "3:9", "`title` says where the title of an entry is", "name = ");
    wrong(&format!("{ONE}date = \"time\"\n"), "3:8", "`date` says where the date of an entry is", "add items = ");
    wrong(&format!("{ONE}remove = [\".ad\", \"..x\"]\n"), "3:18", "this is no CSS selector", "article .body");
    wrong(&format!("{ONE}[[output]]\nfile = \"../x.xml\"\n"), "4:8", "an output stays", "security.xml");
    wrong(&format!("{ONE}[[output]]\nfile = \"/x.xml\"\n"), "4:8", "an output stays", "security.xml");
    wrong(
        &format!("{ONE}[[output]]\nfile = \"x.xml\"\ntags = [\"no\"]\n"),
        "5:9",
        "no source has the tag",
        "a tag that",
    );
    let tagged = format!("{ONE}id = \"wires\"\ntags = [\"chips\", \"law\"]\n[[output]]\nfile = \"x.xml\"\n");
    wrong(&format!("{tagged}tags = [\"chip\"]\n"), "7:9", "no source has the tag", "did you mean \"chips\"?");
    wrong(&format!("{tagged}tags = [\"no\"]\n"), "7:9", "no source has the tag", "a source has: chips, law");
    wrong(&format!("{tagged}sources = [\"wire\"]\n"), "7:12", "no source has the id", "did you mean \"wires\"?");
    wrong(&format!("{tagged}sources = [\"no\"]\n"), "7:12", "no source has the id", "a source has: wires");
    let digest = format!("{tagged}digest = \"daily\"\nsections = [\"laws\"]\n");
    wrong(&digest, "8:13", "no source has the tag", "did you mean \"law\"?");
    wrong("[[source]]\nurl = \"lwn.net\"\n", "2:7", "this is no address of a feed", "https://");
    for (typed, meant) in [
        ("lwn.net:8080/feed", "https://lwn.net:8080/feed"),
        ("feed://lwn.net/feed", "https://lwn.net/feed"),
        ("feed:http://lwn.net/feed", "http://lwn.net/feed"),
        ("//lwn.net/feed?a=1&amp;b=2", "https://lwn.net/feed?a=1&b=2"),
    ] {
        let text = format!("[[source]]\nurl = \"{typed}\"\n");
        wrong(&text, "2:7", "this is no address of a feed", &format!("write \"{meant}\""));
    }
    wrong("[[source]]\nurl = \"https://me:secret@a.example/\"\n", "2:7", "this is no address", "headers");
    wrong("[[source]]\nname = \"x\"\n", "1:1", "this source has no address", "add url");
    wrong("[[source]\n", "1:10", "this is no TOML", "mend it here");
    wrong("", "1:1", "feeds.toml names no source", "add one");
}

#[test]
fn stories_are_split_and_joined_by_pairs_of_addresses() {
    let text = "[weave]\nsplit = [[\"https://a.example/1\", \"https://b.example/2\"]]\njoin = []\n".to_owned() + ONE;
    let weave = parse(&text).unwrap().weave;
    assert_eq!((weave.split[0].0.as_str(), weave.split[0].1.as_str()), ("https://a.example/1", "https://b.example/2"));
    assert_eq!((weave.split.len(), weave.join.len()), (1, 0));
    let one = |line: &str| format!("[weave]\n{line}\n{ONE}");
    wrong(&one("join = \"https://a.example/1\""), "2:8", "`join` is a string", "a list of pairs");
    wrong(&one("join = [[\"https://a.example/1\"]]"), "2:9", "this is no pair for `join`", "a list of pairs");
    wrong(&one("split = [[\"https://a.example/1\", \"x\"]]"), "2:34", "`split` wants article addresses", "in full");
    wrong(&one("split = [[\"https://a.example/1\", 2]]"), "2:34", "`split` is an integer", "in quotes");
    let twice = "split = [[\"https://a.example/1\", \"https://a.example/1\"]]";
    wrong(&one(twice), "2:10", "`split` names the same address twice", "two different");
}

/// T79: a source twice.
#[test]
fn two_sources_of_one_address_or_id_are_found_in_any_spelling() {
    let second = |url: &str| format!("{ONE}[[source]]\nurl = \"{url}\"\n");
    for url in ["https://a.example/feed", "http://www.a.example/feed/", "https://A.example/feed#x"] {
        wrong(&second(url), "4:7", "two sources share the address", "first used here");
    }
    let text = "[[source]]\nurl = \"https://a.example/1\"\nid = \"x\"\n[[source]]\nurl = \"https://a.example/2\"\nid = \"x\"\n";
    wrong(text, "6:6", "two sources share the id `x`", "first used here");
}

#[test]
fn all_problems_are_told_at_once_in_the_order_of_the_file() {
    let told = parse("titel = 1\n[fetch]\nevery = 5\n[[source]]\nurl = \"x\"\nwieght = 1\n").unwrap_err();
    let places: Vec<&str> = told.lines().filter_map(|line| line.split_once("feeds.toml:").map(|(_, at)| at)).collect();
    assert_eq!(places, ["1:1", "3:9", "5:7", "6:1"]);
}

#[test]
fn a_file_beside_feeds_toml_can_be_a_source() {
    let config = parse("[[source]]\nurl = \"file:samples/a.xml\"\n").unwrap();
    assert_eq!(config.sources[0].address, SourceAddress::File("/etc/feedloom/samples/a.xml".into()));
}

#[test]
fn an_id_does_not_change_when_other_sources_come() {
    let alone = parse(ONE).unwrap();
    let among = parse(&format!("[[source]]\nurl = \"https://a.example/other\"\n{ONE}")).unwrap();
    assert_eq!(alone.sources[0].id, among.sources[1].id);
}

#[test]
fn an_output_says_its_format_by_its_name() {
    let text = format!("{ONE}[[output]]\nfile = \"a/my-atom.xml\"\n[[output]]\nfile = \"b.json\"\n");
    let formats: Vec<Format> = parse(&text).unwrap().outputs.iter().map(|output| output.format).collect();
    assert_eq!(formats, [Format::Atom, Format::Json]);
}

/// T80: a secret in feeds.toml.
#[test]
fn a_secret_stays_out_of_what_is_printed() {
    let config = parse(&format!("{ONE}headers = {{ Authorization = \"Bearer s3cret\" }}\n")).unwrap();
    assert_eq!(config.sources[0].headers.len(), 1);
    assert!(!format!("{config:?}").contains("s3cret"));
}

/// T80: a message may end in a mail or a log.
#[test]
fn a_secret_stays_out_of_what_is_told_of_its_own_line() {
    for text in [
        "[[source]]\nurl = \"https://me:s3cret@a.example/\"\n",
        "[[source]]\nurl = \"https://a.example/\"\nheaders = { A = \"s3cret\", B = 's3cret', \"C D\" = \"env:NAME\" }\n",
        "[[source]]\nurl = \"https://a.example/\"\n[source.headers]\n\"A B\" = \"s3cret\"\n",
    ] {
        let told = parse(text).unwrap_err().to_string();
        assert!(told.contains("***") && !told.contains("s3cret"), "{told}");
    }
    let told = parse("[[source]]\nurl = \"https://a.example/\"\nheaders = { A = \"env:NO_SUCH_NAME\" }\n").unwrap_err();
    assert!(told.to_string().contains("env:NO_SUCH_NAME"), "{told}");
}

#[test]
fn a_missing_file_is_told_apart_from_a_wrong_one() {
    let error = Config::load(Path::new("/nonexistent/feeds.toml")).unwrap_err();
    assert!(matches!(error, ConfigError::Missing { .. }));
}

#[test]
fn a_file_in_another_encoding_is_told_with_its_line_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("feeds.toml");
    let utf_16: Vec<u8> = ONE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let with_mark = [b"\xff\xfe".as_slice(), &utf_16].concat();
    let latin_1 = [b"# one\ntitle = \"caf\xe9\"\n".as_slice(), ONE.as_bytes()].concat();
    for (bytes, line) in [(latin_1, 2), (with_mark, 1)] {
        std::fs::write(&path, bytes).unwrap();
        let error = Config::load(&path).unwrap_err();
        let why = std::error::Error::source(&error).unwrap().to_string();
        assert_eq!(why, format!("line {line} is not UTF-8: save the file with that encoding"), "{error}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,200}") {
        let _ = parse(&text);
    }

    #[test]
    fn no_mutation_of_a_real_file_makes_it_panic(at in 0_usize..400, insert in "\\PC{0,6}", cut in 0_usize..20) {
        let mut text = "title = \"ü\"\n[fetch]\nevery = \"30m\"\nallow = [\"10.0.0.0/8\"]\n[defaults]\nweight = 2\n[[source]]\nurl = \"https://a.example/feed\"\nexclude = [{ field = \"title\", contains = \"x\" }]\nheaders = { A = \"b\" }\n[[output]]\nfile = \"x.xml\"\nitems = 5\n".to_owned();
        let chars: Vec<char> = text.chars().collect();
        let at = at.min(chars.len());
        let end = (at + cut).min(chars.len());
        text = chars[..at].iter().collect::<String>() + &insert + &chars[end..].iter().collect::<String>();
        let _ = parse(&text);
    }
}

#[test]
fn the_readme_tells_the_defaults_as_they_are() {
    let config = parse(&format!("{ONE}[[output]]\nfile = \"x.xml\"\n")).unwrap();
    let (fetch, source, output) = (&config.fetch, &config.sources[0], &config.outputs[0]);
    let readme = include_str!("../../README.md");
    for told in [
        format!("`parallelism` ({})", fetch.parallelism),
        format!("`spacing` (\"{}s\")", fetch.spacing.as_secs()),
        format!("`timeout` (\"{}s\")", fetch.timeout.as_secs()),
        format!("`deadline` (\"{}m\")", fetch.deadline.as_secs() / 60),
        format!("`floor` (\"{}m\")", fetch.floor.as_secs() / 60),
        format!("`max_body` (\"{}MiB\")", fetch.max_body_bytes >> 20),
        format!("`lookback` (\"{}h\")", config.weave.lookback.as_hours()),
        format!("`excerpt_length` ({})", source.excerpt_length),
        format!("`weight` ({})", source.weight),
        format!("`items` ({})", output.items),
        format!("`span` (\"{}h\"", output.span.as_hours()),
        format!("`max_bytes` (\"{}MiB\"", output.max_bytes >> 20),
        format!("`max_age` (\"{}d\"", source.max_age.unwrap().as_hours() / 24),
        format!("`max_shrink` ({})", output.max_shrink),
        format!("`attribution` (\"{}\")", output.attribution),
        format!("`language` (\"{}\")", config.language),
    ] {
        assert!(readme.contains(&told), "the README does not say {told}");
    }
}

#[test]
fn a_hub_needs_a_feed_with_a_public_address() {
    let output = |more: &str| format!("{more}{ONE}[[output]]\nfile = \"feed.xml\"\nhub = \"https://hub.example/\"\n");
    let link = "link = \"https://feeds.example.org/\"\n";
    let config = parse(&output(link)).unwrap();
    assert_eq!(config.outputs[0].hub.as_ref().unwrap().as_str(), "https://hub.example/");
    wrong(&output(""), "5:7", "a hub needs the address of the feed", "add link");
    wrong(&output(link).replace("feed.xml", "index.html"), "6:7", "only a feed has a hub", "delete the line");
    wrong(&output(link).replace("https://hub", "ftp://hub"), "6:7", "`hub` is no web address", "write it in full");
}

#[test]
fn settle_is_a_duration_of_at_most_a_day() {
    assert_eq!(parse(ONE).unwrap().settle, jiff::SignedDuration::ZERO);
    let config = parse(&format!("settle = \"10m\"\n{ONE}")).unwrap();
    assert_eq!(config.settle, jiff::SignedDuration::from_mins(10));
    wrong(&format!("settle = \"2d\"\n{ONE}"), "1:10", "`settle` is out of range", "write 0s to");
    wrong(&format!("settle = 10\n{ONE}"), "1:10", "`settle`", "a duration with a unit");
}

#[test]
fn an_output_that_is_the_folder_of_another_is_told() {
    let outputs = "[[output]]\nfile = \"news.xml\"\n[[output]]\nfile = \"News.xml/feed.xml\"\n";
    wrong(&format!("{ONE}{outputs}"), "6:8", "two outputs write to news.xml", "another name");
}

#[test]
fn an_address_that_the_environment_holds_is_shown_nowhere() {
    // Of the variables that are set wherever tests run, none holds an address.
    wrong(
        "[[source]]\nurl = \"env:NO_SUCH_FEED\"\n",
        "2:7",
        "the environment variable NO_SUCH_FEED is not set",
        "export",
    );
    wrong("[[source]]\nurl = \"env:CARGO_PKG_NAME\"\n", "2:7", "CARGO_PKG_NAME holds no address of a feed", "export");
}

#[test]
fn an_address_without_its_scheme_is_completed() {
    wrong(
        "[[source]]\nurl = \"lwn.net/headlines/rss\"\n",
        "2:7",
        "this is no address",
        "write \"https://lwn.net/headlines/rss\"",
    );
    wrong("[[source]]\nurl = \"headlines\"\n", "2:7", "this is no address", "write \"https://…\"");
}

#[test]
fn a_secret_in_an_address_is_warned_of() {
    let head = "link = \"https://e.example/\"\ncontact = \"https://e.example/\"\n";
    for (address, part) in [
        ("https://a.example/f?token=s3cr3tT0ken", "token"),
        ("https://a.example/f?x=1&api_key=0123456789", "api_key"),
        ("https://a.example/private/a81bc81b-dead", "private"),
    ] {
        let config = parse(&format!("{head}[[source]]\nurl = \"{address}\"\n")).unwrap();
        let warned =
            config.warnings.iter().any(|text| text.contains(&format!("(`{part}`)")) && text.contains("env:NAME"));
        assert!(warned, "{:?}", config.warnings);
        let id = config.sources[0].id.as_str();
        assert!(!id.contains("s3cr3t") && !id.contains("a81bc81b"), "{id}");
    }
    assert_eq!(parse(&format!("{head}{ONE}")).unwrap().warnings, Vec::<String>::new());
}

#[test]
fn two_thousand_mistakes_on_one_line_give_two_thousand_short_messages() {
    let rules =
        (0..2_000).map(|n| format!("{{ field = \"title\", matches = \"({n}\" }}")).collect::<Vec<_>>().join(", ");
    let told = parse(&format!("{ONE}include = [{rules}]\n")).unwrap_err();
    assert_eq!(told.matches("this is no regular expression").count(), 2_000);
    assert!(told.len() < 2_000 * 600, "{} bytes", told.len());
}
