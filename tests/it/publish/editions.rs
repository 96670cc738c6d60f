//! Outputs that choose: by rules, by the number of outlets, and the top stories.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

const SUBJECTS: [&str; 14] = [
    "Corvane launches the Halyard engine for small satellites",
    "Mistral harbour opens its second tidal power plant",
    "Parliament of Noreland passes the right to repair act",
    "Quillon recalls forty thousand electric bicycles over brakes",
    "Oldenmoor observatory finds water vapour on distant planet",
    "Tarn railway replaces diesel trains with hydrogen on coast line",
    "Bank of Estermark raises interest rates for third time",
    "Velmora museum returns bronze masks to river kingdom",
    "Hexagon browser drops support for third party cookies",
    "Ashby hospital trains surgeons with virtual patients",
    "Winter storm closes mountain passes across Southern Ardal",
    "Plover startup prints houses from recycled ocean plastic",
    "Zephyr kernel gains scheduler written in safe language",
    "Farmers of Lowmarsh test robots that weed without poison",
];

/// What outlets write: outlet, number of the subject, hour of 10 November.
struct World {
    folder: TempDir,
    written: Vec<(&'static str, usize, u32)>,
    /// Outlets that no longer allow any use of their feed.
    closed: Vec<&'static str>,
}

impl World {
    fn new(outputs: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut toml = "link = \"https://f.example/\"\n".to_owned();
        for outlet in ["amber", "birch", "cedar", "dune"] {
            let weight = if outlet == "dune" { 3 } else { 1 };
            write!(
                toml,
                "[[source]]\nid = \"{outlet}\"\nurl = \"file://{}/{outlet}.xml\"\nsite = \"https://{outlet}.example/\"\nweight = {weight}\n",
                folder.path().display()
            )
            .unwrap();
        }
        let world = Self { folder, written: Vec::new(), closed: Vec::new() };
        fs::write(world.path("feeds.toml"), format!("{toml}{outputs}")).unwrap();
        world
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn write(&mut self, outlet: &'static str, subject: usize, hour: u32) {
        self.written.push((outlet, subject, hour));
    }

    fn run(&self, now: &str) {
        for outlet in ["amber", "birch", "cedar", "dune"] {
            let mut items = String::new();
            for (_, subject, hour) in self.written.iter().filter(|(of, ..)| *of == outlet) {
                let title = SUBJECTS[*subject];
                let (language, text) = match outlet {
                    "cedar" => {
                        ("de", "Das ist es, was unsere Leute von dort berichten, in eigenen Worten und auf Deutsch.")
                    }
                    _ => ("en", "That is what our people report from there, in words of their own and in English."),
                };
                write!(
                    items,
                    "<item><title>{title}</title><link>https://{outlet}.example/{subject}</link><dc:language>{language}</dc:language>\
                     <pubDate>Tue, 10 Nov 2026 {hour:02}:00:00 GMT</pubDate><category>c{subject}</category>\
                     <description>{text} ({outlet})</description></item>"
                )
                .unwrap();
            }
            let block = if self.closed.contains(&outlet) { "<itunes:block>Yes</itunes:block>" } else { "" };
            let feed = format!(
                "<rss xmlns:itunes=\"http://www.itunes.com/dtds/podcast-1.0.dtd\" version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel><title>{outlet}</title>\
                 <link>https://{outlet}.example/</link><language>en</language>{block}{items}</channel></rss>"
            );
            fs::write(self.path(&format!("{outlet}.xml")), feed).unwrap();
        }
        well(self.folder.path(), &["run", "--all", "--now", now]);
    }

    /// The subjects in an output, first to last.
    fn subjects(&self, file: &str) -> Vec<usize> {
        self.items(file)
            .iter()
            .map(|item| SUBJECTS.iter().position(|subject| item["title"] == *subject).unwrap())
            .collect()
    }

    fn items(&self, file: &str) -> Vec<Value> {
        let bytes = fs::read(self.path("data/public").join(file)).unwrap();
        let feed: Value = serde_json::from_slice(&bytes).unwrap();
        feed["items"].as_array().unwrap().clone()
    }
}

#[track_caller]
fn well(folder: &Path, words: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_feedloom"));
    let done = command.arg("--config").arg(folder.join("feeds.toml")).args(words).output().unwrap();
    assert_eq!(done.status.code(), Some(0), "{words:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

const TOP: &str = "[[output]]\nfile = \"top.json\"\norder = \"top\"\n[[output]]\nfile = \"all.json\"\n";

#[test]
fn top_stories_come_by_outlets_weight_and_age_and_stay() {
    let mut world = World::new(TOP);
    for subject in 0..12 {
        world.write("amber", subject, 1);
    }
    world.run("2026-11-10T02:00:00Z");
    let first = world.subjects("top.json");
    assert_eq!(first.len(), 10, "the best fill up to ten: {first:?}");

    // Two outlets, and three of which one weighs three; one of the twelve that did not fill up.
    let left_out = (0..12).find(|subject| !first.contains(subject)).unwrap();
    world.write("birch", 0, 3);
    world.write("birch", 1, 3);
    world.write("dune", 1, 3);
    world.write("birch", left_out, 3);
    world.run("2026-11-10T04:00:00Z");
    let second = world.subjects("top.json");
    assert_eq!(second[0], 1, "the weight of its outlets decides: {second:?}");
    assert_eq!(second[1..3].iter().copied().collect::<BTreeSet<_>>(), BTreeSet::from([0, left_out]));
    assert!(first.iter().all(|subject| second.contains(subject)), "nothing leaves: {first:?} {second:?}");
    assert_eq!(second.len(), 11, "nobody else fills up");
    let dates = |file: &str| -> BTreeSet<(String, String)> {
        let one = |item: &Value| (item["id"].to_string(), item["date_published"].to_string());
        world.items(file).iter().map(one).collect()
    };
    assert!(dates("top.json").is_subset(&dates("all.json")), "ids and dates are those of the other outputs");

    // Time alone changes no byte.
    let before = fs::read(world.path("data/public/top.json")).unwrap();
    well(world.folder.path(), &["publish", "--now", "2026-11-11T01:00:00Z"]);
    assert_eq!(fs::read(world.path("data/public/top.json")).unwrap(), before);

    // Newer news of as many outlets come first, older ones do not leave.
    world.write("amber", 12, 23);
    world.write("birch", 12, 23);
    world.run("2026-11-10T23:30:00Z");
    let third = world.subjects("top.json");
    assert_eq!((third[0], third.len()), (12, 12), "{third:?}");
    let why = well(world.folder.path(), &["why", SUBJECTS[1], "--now", "2026-11-10T13:00:00Z"]);
    assert!(
        why.contains("top.json: 3 outlets of weight 5, halved every 12 h since 2026-11-10T01:00:00Z: 2.50 now"),
        "{why}"
    );
    let dry: Value = serde_json::from_str(&well(
        world.folder.path(),
        &["run", "--dry-run", "--json", "--now", "2026-11-10T23:40:00Z"],
    ))
    .unwrap();
    let stories = dry["outputs"][0]["stories"].as_array().unwrap();
    assert_eq!(stories.iter().filter(|story| story["rank"]["outlets"].as_u64() == Some(3)).count(), 1);
    assert!(stories.iter().any(|story| story["rule"] == "not_top"));
}

#[test]
fn a_story_enters_an_output_of_several_outlets_when_the_last_of_them_comes() {
    let outputs = "[[output]]\nfile = \"two.json\"\nmin_outlets = 2\n[[output]]\nfile = \"two.xml\"\nmin_outlets = 2\n";
    let mut world = World::new(outputs);
    world.write("amber", 0, 1);
    world.run("2026-11-10T02:00:00Z");
    assert_eq!(world.subjects("two.json"), Vec::<usize>::new(), "an output that is still empty is a valid empty file");
    assert!(fs::read_to_string(world.path("data/public/two.xml")).unwrap().contains("</rss>"));
    world.write("amber", 1, 3);
    world.write("birch", 1, 3);
    world.run("2026-11-10T04:00:00Z");
    world.write("birch", 0, 5);
    world.run("2026-11-10T06:00:00Z");
    assert_eq!(world.subjects("two.json"), [0, 1], "by when it came to two");
    let items = world.items("two.json");
    assert_eq!(items[0]["date_published"], "2026-11-10T01:00:00Z", "dated by its publisher");

    // A link list or a copy adds no outlet; a mistake in feeds.toml empties no output.
    let text = fs::read_to_string(world.path("feeds.toml")).unwrap();
    fs::write(world.path("feeds.toml"), text.replace("min_outlets = 2", "min_outlets = 20")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_feedloom"));
    let done =
        command.arg("--config").arg(world.path("feeds.toml")).args(["run", "--now", "2026-11-10T07:00:00Z"]).output();
    assert_eq!(done.unwrap().status.code(), Some(1));
    assert_eq!(world.subjects("two.json"), [0, 1]);
}

#[test]
fn a_number_of_outlets_is_one_rule_in_both_spellings() {
    let outputs = "[[output]]\nfile = \"least.json\"\nmin_outlets = 2\n[[output]]\nfile = \"rule.json\"\n\
        include = [{ field = \"outlets\", at_least = 2 }]\n";
    let mut world = World::new(outputs);
    world.write("amber", 0, 1);
    world.run("2026-11-10T02:00:00Z");
    world.write("amber", 1, 3);
    world.write("birch", 1, 3);
    world.run("2026-11-10T04:00:00Z");
    world.write("birch", 0, 5);
    world.run("2026-11-10T06:00:00Z");
    assert_eq!(world.subjects("least.json"), [0, 1]);
    assert_eq!(world.subjects("rule.json"), [0, 1]);
}

#[test]
fn what_a_publisher_takes_back_leaves_an_output_that_has_nothing_else() {
    let mut world = World::new("[[output]]\nfile = \"two.json\"\nmin_outlets = 2\n");
    world.write("amber", 0, 1);
    world.write("birch", 0, 1);
    world.run("2026-11-10T02:00:00Z");
    assert_eq!(world.subjects("two.json"), [0]);
    world.closed.push("birch");
    world.run("2026-11-10T04:00:00Z");
    assert_eq!(world.subjects("two.json"), Vec::<usize>::new(), "one outlet is left, and the words of the other go");

    // The same by an edit that a rule of the output does not let pass.
    let mut world = World::new("[[output]]\nfile = \"one.json\"\nexclude = [{ field = \"category\", is = \"c1\" }]\n");
    world.write("amber", 0, 1);
    world.run("2026-11-10T02:00:00Z");
    assert_eq!(world.subjects("one.json"), [0]);
    fs::write(
        world.path("feeds.toml"),
        fs::read_to_string(world.path("feeds.toml")).unwrap().replace("is = \"c1\"", "is = \"c0\""),
    )
    .unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_feedloom"));
    let done = command
        .arg("--config")
        .arg(world.path("feeds.toml"))
        .args(["publish", "--now", "2026-11-10T03:00:00Z"])
        .output();
    assert_eq!(done.unwrap().status.code(), Some(1), "an edit of feeds.toml alone empties nothing");
    assert_eq!(world.subjects("one.json"), [0]);
}

#[test]
fn a_smaller_output_of_top_stories_takes_nothing_from_a_larger_one() {
    let mut world = World::new(
        "[[output]]\nfile = \"top.json\"\norder = \"top\"\n[[output]]\nfile = \"few.json\"\norder = \"top\"\nitems = 2\n",
    );
    for subject in 0..8 {
        world.write("amber", subject, 1);
    }
    world.run("2026-11-10T02:00:00Z");
    let before = world.subjects("top.json");
    assert_eq!((before.len(), world.subjects("few.json").len()), (8, 2));
    for subject in 8..13 {
        world.write("amber", subject, 3);
        world.write("birch", subject, 3);
    }
    world.run("2026-11-10T04:00:00Z");
    let after = world.subjects("top.json");
    assert!(before.iter().all(|subject| after.contains(subject)), "{before:?} {after:?}");
    assert_eq!(world.subjects("few.json").len(), 2);
}

#[test]
fn rules_of_an_output_look_at_what_it_would_show() {
    let rows: [(&str, &[usize]); 9] = [
        ("include = [{ field = \"title\", contains = \"halyard\" }]", &[0]),
        ("exclude = [{ field = \"title\", matches = \"(?i)HALYARD|tidal\" }]", &[2]),
        ("include = [{ field = \"category\", is = \"C1\" }]", &[1]),
        ("include = [{ field = \"outlets\", contains = \"birch\" }]", &[0, 1]),
        ("exclude = [{ field = \"outlets\", is = \"birch.example\" }]", &[0, 1, 2]),
        ("include = [{ field = \"outlets\", at_least = 3 }]", &[0]),
        ("include = [{ field = \"language\", is = \"de\" }]", &[0, 2]),
        ("exclude = [{ field = \"language\", is = \"de\" }]", &[0, 1]),
        ("exclude = [{ field = \"paywall\", is = false }]", &[]),
    ];
    let outputs: String =
        rows.iter().enumerate().map(|(at, (rule, _))| format!("[[output]]\nfile = \"{at}.json\"\n{rule}\n")).collect();
    let mut world = World::new(&outputs);
    for (outlet, subject) in [("amber", 0), ("birch", 0), ("cedar", 0), ("birch", 1), ("amber", 1), ("cedar", 2)] {
        world.write(outlet, subject, 1);
    }
    world.run("2026-11-10T02:00:00Z");
    for (at, (rule, want)) in rows.iter().enumerate() {
        let found: BTreeSet<usize> = world.subjects(&format!("{at}.json")).into_iter().collect();
        assert_eq!(found, want.iter().copied().collect(), "{rule}");
    }
    // An outlet that is not wanted goes, and takes nobody else's story with it.
    for item in world.items("4.json") {
        assert!(!item.to_string().contains("birch"), "{item:#}");
    }
    // What is only in German is led by the German article, and credits no other.
    let german = world.items("6.json");
    let outlets = |item: &Value| item["_feedloom"]["sources"].as_array().unwrap().len();
    assert!(
        german
            .iter()
            .all(|item| item["url"].as_str().unwrap().starts_with("https://cedar.example/") && outlets(item) == 1)
    );
    let dry = well(world.folder.path(), &["run", "--dry-run", "--now", "2026-11-10T03:00:00Z"]);
    assert!(dry.contains("of the output: exclude matches it: title matches"), "{dry}");
}

#[test]
fn rules_that_cannot_be_are_mistakes_with_a_remedy() {
    let rows = [
        ("include = [{ field = \"outlet\", contains = \"x\" }]", "did you mean \"outlets\"?"),
        ("include = [{ contains = \"x\" }]", "this rule names no field"),
        ("exclude = [{ field = \"paywall\" }]", "add is = true"),
        ("exclude = [{ field = \"outlets\", at_least = 0 }]", "from 1 to 100"),
        ("min_outlets = 0", "from 1 to 100"),
        ("order = \"best\"", "\"top\""),
        ("half_life = \"0h\"", "half_life"),
    ];
    for (rule, want) in rows {
        let world = World::new(&format!("[[output]]\nfile = \"x.json\"\n{rule}\n"));
        for outlet in ["amber", "birch", "cedar", "dune"] {
            fs::write(world.path(&format!("{outlet}.xml")), "").unwrap();
        }
        let mut command = Command::new(env!("CARGO_BIN_EXE_feedloom"));
        let done = command.arg("--config").arg(world.path("feeds.toml")).arg("check").output().unwrap();
        let text = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.code() != Some(0) && text.contains(want), "{rule}: {text}");
    }
}

/// The page of the newest stories, as text.
fn page(world: &World) -> String {
    fs::read_to_string(world.path("data/public/index.html")).unwrap()
}

#[test]
fn the_page_begins_with_what_most_outlets_cover() {
    let mut world =
        World::new("[[output]]\nfile = \"index.html\"\n[[output]]\nfile = \"own.html\"\ntemplate = \"own.txt\"\n");
    let own = "<!doctype html>\n<title>{{ title }}</title>\n{% for item in top %}<b>{{ item.title }}</b>{% endfor %}\n\
        {% for day in days %}{% for item in day.items %}<p id=\"s-{{ item.id }}\"><a href=\"{{ item.url }}\">{{ item.title }}</a>\
        {% if item.is_top %} (top){% endif %}</p>{% endfor %}{% endfor %}\n</html>\n";
    fs::write(world.path("own.txt"), own).unwrap();
    for (outlet, subject, hour) in [
        ("amber", 0, 1),
        ("birch", 0, 2),
        ("amber", 1, 3),
        ("birch", 1, 3),
        ("dune", 1, 4),
        ("amber", 2, 5),
        ("amber", 3, 6),
    ] {
        world.write(outlet, subject, hour);
    }
    world.run("2026-11-10T07:00:00Z");
    assert!(!page(&world).contains("Top stories"), "two are too few to tell");
    world.write("birch", 3, 7);
    world.run("2026-11-10T08:00:00Z");
    let page = page(&world);
    let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text}"));
    let headline = |subject: usize| at(&format!(">{}</a></h3>", SUBJECTS[subject]));
    assert!(at("Top stories") < headline(1) && headline(1) < headline(3), "the weight of the outlets first");
    assert!(headline(3) < headline(0), "then what is newer");
    assert!(headline(0) < at("class=\"stream\"") && at("class=\"stream\"") < headline(2));
    for title in &SUBJECTS[..4] {
        assert_eq!(page.matches(&format!(">{title}</a></h3>")).count(), 1, "each story once");
    }
    let others = page.split("class=\"others\"").nth(1).unwrap().split("</ul>").next().unwrap();
    assert_eq!(others.matches("<li").count(), 2, "the headlines of the other outlets: {others}");
    let own = fs::read_to_string(world.path("data/public/own.html")).unwrap();
    assert_eq!((own.matches("<b>").count(), own.matches("(top)").count(), own.matches("<p id").count()), (3, 3, 4));
}

/// A word of its own for each number.
fn word(mut number: usize) -> String {
    let mut word = String::new();
    for _ in 0..4 {
        word.push(char::from(b"bdfgklmnprst"[number % 12]));
        word.push(char::from(b"aeiou"[number / 12 % 5]));
        number /= 7;
    }
    word + "x"
}

#[test]
fn what_most_outlets_cover_stays_on_a_full_page_however_much_comes_after_it() {
    let many = "[[output]]\nfile = \"index.html\"\n[[source]]\nid = \"many\"\nurl = \"file:many.xml\"\n";
    let mut world = World::new(many);
    for (subject, outlets) in [(0, 2), (1, 3), (2, 4)] {
        for outlet in &["amber", "birch", "cedar", "dune"][..outlets] {
            world.write(outlet, subject, 1);
        }
    }
    let mut items = String::new();
    for number in 0..250 {
        let words = |from: usize, count: usize| -> String {
            (0..count).map(|at| word(number * 40 + from + at)).collect::<Vec<_>>().join(" ")
        };
        write!(
            items,
            "<item><title>{}</title><link>https://many.example/{number}</link>\
             <pubDate>Tue, 10 Nov 2026 {:02}:{:02}:00 GMT</pubDate><description>{}</description></item>",
            words(0, 5),
            2 + number / 60,
            number % 60,
            words(5, 30)
        )
        .unwrap();
    }
    let feed = format!(
        "<rss version=\"2.0\"><channel><title>many</title><link>https://many.example/</link>{items}</channel></rss>"
    );
    fs::write(world.path("many.xml"), feed).unwrap();
    world.run("2026-11-10T07:00:00Z");
    let page = page(&world);
    assert!(page.len() <= 100_000, "{}", page.len());
    let at =
        |subject: usize| page.find(&format!(">{}</a></h3>", SUBJECTS[subject])).unwrap_or_else(|| panic!("{subject}"));
    let stream = page.find("class=\"stream\"").unwrap();
    assert!(at(2) < at(1) && at(1) < at(0) && at(0) < stream, "the most outlets first");
    let shown = page.matches("<article").count();
    assert!((20..200).contains(&shown), "it is full: {shown}");
    let newest = page.find("https://many.example/249\"").unwrap();
    assert!(newest > stream && !page.contains("https://many.example/0\""), "then the newest");
}
