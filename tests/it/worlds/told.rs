//! When something was told: a date counts for the lead as far as the answers that were read before do not disprove it.

use jiff::SignedDuration;

use super::documents::{Claim, Post, rss};
use super::edits::links;
use super::news::{HOUR, head_of};
use super::newsroom::{Newsroom, began};

const TITLE: &str = "Maker unveils the Heron X2 chip for laptops today";
const OTHER: &str = "Win a free phone, readers recommend this casino";
const ALPHA: &str = "https://alpha.example/heron";
const BETA: &str = "https://beta.example/heron";
const SOME: &str = "tags = [\"some\"]\n";
const OLD: &str = "https://beta.example/old";

/// What beta answers in a pass.
#[derive(Clone)]
enum Answer {
    Posts(Vec<Post>),
    /// The same, and the document ends before its end.
    Cut(Vec<Post>),
    Fails,
}
use Answer::{Cut, Fails, Posts};

/// What beta answers in which pass.
type Answers<'a> = &'a dyn Fn(usize) -> Answer;

/// Beta's post of the news at `link`, dated so many minutes after the world began.
fn beta(title: &str, link: &str, minutes: i64) -> Post {
    Post {
        guid: "beta-1".to_owned(),
        link: link.to_owned(),
        title: title.to_owned(),
        text: "Heron X2 has 24 cores and a memory controller of its own, which is more than was expected.".repeat(5),
        pass: 0,
        published: began() + SignedDuration::from_mins(minutes),
        claims: Vec::new(),
    }
}

fn filler() -> Post {
    Post {
        guid: "beta-0".to_owned(),
        ..beta("Ferries strike over pay in three harbours", "https://beta.example/0", -99)
    }
}

fn document(answer: &Answer) -> String {
    let of = |posts: &[Post]| rss(&head_of("beta"), &posts.iter().collect::<Vec<_>>());
    match answer {
        Posts(posts) => of(posts),
        Cut(posts) => of(posts).replace("</channel></rss>", "<item><title>Something that is cut sho"),
        Fails => String::new(),
    }
}

/// Alpha's honest post: in the feed from the pass `told` on, which nobody could read from then until the pass `seen`.
#[derive(Clone, Copy)]
struct Alpha {
    told: usize,
    seen: usize,
}

/// Passes until the story is published; the links of its item.
#[track_caller]
fn item_of(name: &str, alpha: Alpha, beta: Answers<'_>) -> Vec<String> {
    let Alpha { told, seen } = alpha;
    let output = "[[output]]\nfile = \"feed.json\"\n";
    let toml = Newsroom::toml_of(&[("alpha", ""), ("beta", "")], &format!("settle = \"10h\"\n{output}"));
    let mut newsroom = Newsroom::new(&toml);
    let published = began() + HOUR * i32::try_from(told).unwrap() - SignedDuration::from_mins(5);
    let text = "The chip has 24 cores.".to_owned();
    let post = Post { guid: "a".to_owned(), link: ALPHA.to_owned(), text, published, ..self::beta(TITLE, ALPHA, 0) };
    for at in 0..24 {
        let posts: Vec<&Post> = (at >= told).then_some(&post).into_iter().collect();
        let alpha = if (told..seen).contains(&at) { String::new() } else { rss(&head_of("alpha"), &posts) };
        let documents = [("alpha", alpha), ("beta", document(&beta(at)))];
        newsroom.pass(&documents, began() + HOUR * i32::try_from(at).unwrap());
        newsroom.restart();
    }
    let items = links(&newsroom);
    let item = items.iter().find(|links| links.contains(&ALPHA.to_owned()));
    item.unwrap_or_else(|| panic!("{name}: {items:?}")).clone()
}

/// Alpha tells the news in the pass 2; whatever beta does then, it was not the first.
#[test]
fn what_answers_did_not_have_leads_nothing_by_its_date() {
    let now = |at: usize, post: Post| Posts([filler()].into_iter().chain((at >= 6).then_some(post)).collect());
    let edited = |at: usize, before: Post, after: Post| Posts(vec![filler(), if at < 6 { before } else { after }]);
    let old = || beta(OTHER, OLD, -60);
    let cases: [(&str, Answers<'_>); 16] = [
        ("a day before", &|at| now(at, beta(TITLE, BETA, -24 * 60))),
        ("just before", &|at| now(at, beta(TITLE, BETA, 114))),
        ("at the start of time", &|at| now(at, beta(TITLE, BETA, -60 * 24 * 365 * 50))),
        ("undated", &|at| now(at, Post { claims: vec![Claim::Undated], ..beta(TITLE, BETA, 0) })),
        ("undated, then dated", &|at| {
            let claims = if at < 8 { vec![Claim::Undated] } else { Vec::new() };
            now(at, Post { claims, ..beta(TITLE, BETA, -60) })
        }),
        ("an old one's title", &|at| edited(at, beta(OTHER, BETA, -60), beta(TITLE, BETA, -60))),
        ("an old one's title and address", &|at| edited(at, old(), beta(TITLE, BETA, -60))),
        ("one word of an old one", &|at| {
            edited(at, beta(&TITLE.replace("Heron", "Kestrel"), BETA, -60), beta(TITLE, BETA, -60))
        }),
        ("word by word", &|at| {
            let words: Vec<&str> = TITLE.split(' ').collect();
            let title = if at < 6 { OTHER.to_owned() } else { words[..words.len().min(at - 3)].join(" ") };
            Posts(vec![filler(), beta(&title, BETA, -60)])
        }),
        ("another guid for an old one", &|at| {
            edited(at, beta(OTHER, BETA, -60), Post { guid: "beta-2".to_owned(), ..beta(TITLE, BETA, -60) })
        }),
        ("another guid, known by its form", &|at| {
            let guid = |host: &str| format!("https://{host}.beta.example/?p=12345");
            let (before, after) = (beta(OTHER, BETA, -60), beta(TITLE, BETA, -60));
            edited(at, Post { guid: guid("a"), ..before }, Post { guid: guid("b"), ..after })
        }),
        ("one that left comes back as another", &|at| match at {
            0..2 => Posts(vec![filler(), old()]),
            2..6 => Posts(vec![filler()]),
            _ => Posts(vec![filler(), beta(TITLE, BETA, -60)]),
        }),
        ("a document that is always cut short", &|at| match now(at, beta(TITLE, BETA, -60)) {
            Posts(posts) => Cut(posts),
            other => other,
        }),
        ("one that is cut short every other time", &|at| match now(at, beta(TITLE, BETA, -60)) {
            Posts(posts) if at.is_multiple_of(2) => Cut(posts),
            other => other,
        }),
        ("a feed that fails every other time", &|at| match now(at, beta(TITLE, BETA, -60)) {
            Posts(_) if at.is_multiple_of(2) => Fails,
            other => other,
        }),
        ("a feed that was empty", &|at| Posts((at >= 6).then(|| beta(TITLE, BETA, -60)).into_iter().collect())),
    ];
    for (name, beta) in cases {
        for seen in [2, 8] {
            let item = item_of(name, Alpha { told: 2, seen }, beta);
            // An entry that is edited joins nothing by that.
            assert_eq!(item[0], ALPHA, "{name}: {item:?}");
            assert!(seen == 2 || item.len() == 2, "{name}: {item:?}");
        }
    }
}

/// Beta tells the news first, and alpha in the pass `told`; no trouble and no correction takes the lead from beta.
#[test]
fn who_told_it_first_leads_through_corrections_and_outages() {
    let from = |at: usize, first: usize, post: Post| {
        Posts([filler()].into_iter().chain((at >= first).then_some(post)).collect())
    };
    let first = || beta(TITLE, BETA, 55);
    let cases: [(&str, usize, Answers<'_>); 13] = [
        ("nothing else", 6, &|at| from(at, 1, first())),
        ("a typo", 6, &|at| {
            let typo = TITLE.replace("unveils", "unviels").replace("laptops", "lapptops");
            from(at, 1, if at < 4 { beta(&typo, BETA, 55) } else { first() })
        }),
        ("words less", 6, &|at| from(at, 1, if at < 4 { first() } else { beta(&TITLE[..TITLE.len() - 6], BETA, 55) })),
        ("another slug and a comma", 6, &|at| {
            from(at, 1, if at < 4 { beta(&TITLE.replace(" today", ", today"), OLD, 55) } else { first() })
        }),
        ("another text", 6, &|at| {
            from(at, 1, Post { text: if at < 4 { "Soon more.".to_owned() } else { first().text }, ..first() })
        }),
        ("another guid", 6, &|at| {
            from(at, 1, Post { guid: if at < 4 { "beta-1".to_owned() } else { "beta-2".to_owned() }, ..first() })
        }),
        ("another date", 6, &|at| from(at, 1, if at < 4 { first() } else { beta(TITLE, BETA, 4 * 60 - 5) })),
        ("it leaves and comes back", 6, &|at| from(if (3..5).contains(&at) { 0 } else { at }, 1, first())),
        ("nobody could be reached", 5, &|at| match at {
            1..8 => Fails,
            _ => from(at, 1, first()),
        }),
        ("the first answer of all", 5, &|at| match at {
            0..8 => Fails,
            _ => from(at, 1, first()),
        }),
        ("one document was cut short before it", 7, &|at| match at {
            4 => Cut(vec![filler()]),
            _ => from(at, 5, beta(TITLE, BETA, 4 * 60 - 40)),
        }),
        ("the first document was cut short before it", 4, &|at| match at {
            0 => Cut(vec![]),
            _ => from(at, 1, beta(TITLE, BETA, -30)),
        }),
        ("an hour's delay", 6, &|at| from(at, 3, beta(TITLE, BETA, 100))),
    ];
    for (name, told, beta) in cases {
        let item = item_of(name, Alpha { told, seen: told }, beta);
        assert_eq!(item, [BETA, ALPHA], "{name}");
    }
}

/// What a person takes apart has a lead of its own, and so has an output that shows some of the sources.
#[test]
fn the_same_counts_for_what_is_taken_apart_and_for_outputs_of_some_sources() {
    let outputs = "[[output]]\nfile = \"feed.json\"\n[[output]]\nfile = \"some.json\"\ntags = [\"some\"]\n";
    let split =
        format!("[weave]\nsplit = [[\"{ALPHA}\", \"{BETA}\"], [\"{ALPHA}\", \"https://gamma.example/heron\"]]\n");
    for (file, split) in [("some.json", ""), ("feed.json", &split)] {
        let toml = |more: &str| {
            Newsroom::toml_of(
                &[("alpha", ""), ("beta", SOME), ("gamma", SOME)],
                &format!("settle = \"10h\"\n{more}{outputs}"),
            )
        };
        let mut newsroom = Newsroom::new(&toml(""));
        let post = |id: &str, minutes: i64| Post {
            link: format!("https://{id}.example/heron"),
            text: "The chip has 24 cores.".to_owned(),
            ..beta(TITLE, "", minutes)
        };
        let posts =
            [("alpha", 1, post("alpha", 55)), ("gamma", 2, post("gamma", 115)), ("beta", 6, beta(TITLE, BETA, -60))];
        for at in 0..20 {
            if at == 16 && !split.is_empty() {
                newsroom.reconfigure(&toml(split));
            }
            let documents = posts.iter().map(|(id, first, post)| {
                (*id, rss(&head_of(id), &[post].into_iter().filter(|_| at >= *first).collect::<Vec<_>>()))
            });
            newsroom.pass(&documents.collect::<Vec<_>>(), began() + HOUR * at);
        }
        let items = newsroom.items_of(file);
        let of_gamma = items.iter().find(|item| item["url"] == "https://gamma.example/heron");
        assert!(of_gamma.is_some(), "{file}: {:?}", items.iter().map(|item| &item["url"]).collect::<Vec<_>>());
    }
}
