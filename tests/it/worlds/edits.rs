//! An entry that others share an item with is edited: its publisher may correct it, not make something else of it inside
//! what others told.

use jiff::SignedDuration;
use serde_json::Value;

use super::documents::{Post, rss};
use super::news::{HOUR, head_of};
use super::newsroom::{Newsroom, began};

const TITLE: &str = "Maker unveils the Heron X2 chip for laptops today";
const ELSEWHERE: &str = "Win a free phone, readers recommend this casino";

/// An edit, and what is in the item of the story after it.
struct Case {
    name: &'static str,
    by: &'static str,
    title: &'static str,
    link: &'static str,
    /// The link of the item, then those of whom it credits.
    want: &'static [&'static str],
}

const ALPHA: &str = "https://alpha.example/heron";
const BETA: &str = "https://beta.example/heron";
const GAMMA: &str = "https://gamma.example/heron";

const CASES: [Case; 18] = [
    Case { name: "nothing", by: "beta", title: TITLE, link: BETA, want: &[ALPHA, BETA, GAMMA] },
    Case { name: "another subject", by: "beta", title: ELSEWHERE, link: BETA, want: &[ALPHA, GAMMA] },
    Case {
        name: "another address",
        by: "beta",
        title: TITLE,
        link: "https://beta.example/heron-x2",
        want: &[ALPHA, "https://beta.example/heron-x2", GAMMA],
    },
    Case {
        name: "another subject and address",
        by: "beta",
        title: ELSEWHERE,
        link: "https://casino.example/win",
        want: &[ALPHA, GAMMA],
    },
    Case {
        name: "title and address",
        by: "beta",
        title: "Heron X2 chip unveiled: win one at the casino",
        link: "https://casino.example/heron",
        want: &[ALPHA, GAMMA],
    },
    Case {
        name: "a typo",
        by: "beta",
        title: "Maker unveils the Heron X2 chip for laptops",
        link: BETA,
        want: &[ALPHA, BETA, GAMMA],
    },
    Case {
        name: "a new headline",
        by: "gamma",
        title: "Heron X2: everything we know so far",
        link: GAMMA,
        want: &[ALPHA, BETA, GAMMA],
    },
    Case {
        name: "a headline and slug of one's own",
        by: "beta",
        title: "Maker unveils Heron X2 chip for laptops",
        link: "https://beta.example/heron-x2-for-laptops",
        want: &[ALPHA, "https://beta.example/heron-x2-for-laptops", GAMMA],
    },
    Case {
        name: "an address of another source",
        by: "gamma",
        title: TITLE,
        link: "https://beta.example/other",
        want: &[ALPHA, BETA],
    },
    Case { name: "the lead, of another subject", by: "alpha", title: ELSEWHERE, link: ALPHA, want: &[BETA, GAMMA] },
    Case {
        name: "the lead, of another subject and address",
        by: "alpha",
        title: ELSEWHERE,
        link: "https://casino.example/win",
        want: &[BETA, GAMMA],
    },
    Case { name: "a word is kept", by: "beta", title: "Free coins for laptops", link: BETA, want: &[ALPHA, GAMMA] },
    Case {
        name: "a name is kept",
        by: "beta",
        title: "Casino coins free today at X2",
        link: BETA,
        want: &[ALPHA, GAMMA],
    },
    Case {
        name: "the lead, a word is kept",
        by: "alpha",
        title: "Free coins for laptops",
        link: ALPHA,
        want: &[BETA, GAMMA],
    },
    Case {
        name: "the lead, its words kept at an address elsewhere",
        by: "alpha",
        title: "Win a Heron X2 laptop free at this casino",
        link: "https://casino.example/win",
        want: &[BETA, GAMMA],
    },
    Case {
        name: "an address elsewhere, before the title",
        by: "beta",
        title: TITLE,
        link: "https://casino.example/win",
        want: &[ALPHA, GAMMA],
    },
    Case {
        name: "the lead, a new headline",
        by: "alpha",
        title: "Heron X2 has 24 cores",
        link: ALPHA,
        want: &[ALPHA, BETA, GAMMA],
    },
    Case {
        name: "the lead, a new headline and slug",
        by: "alpha",
        title: "Heron X2 has 24 cores",
        link: "https://alpha.example/heron-x2-24-cores",
        want: &["https://alpha.example/heron-x2-24-cores", BETA, GAMMA],
    },
];

fn post(id: &str, pass: usize) -> Post {
    Post {
        guid: format!("{id}-1"),
        link: format!("https://{id}.example/heron"),
        title: TITLE.to_owned(),
        text: "The chip has 24 cores.".to_owned(),
        pass,
        published: began() + HOUR * i32::try_from(pass).unwrap() - SignedDuration::from_mins(5),
        claims: Vec::new(),
    }
}

fn newsroom(more: &str) -> Newsroom {
    let more = format!("{more}[[output]]\nfile = \"feed.json\"\n");
    Newsroom::new(&Newsroom::toml_of(&[("alpha", ""), ("beta", ""), ("gamma", "")], &more))
}

/// A pass over what the three have by then.
fn pass(newsroom: &mut Newsroom, posts: &[Post], at: usize) {
    let ids = ["alpha", "beta", "gamma"];
    let document = |(id, post): (&'static str, &Post)| {
        (id, rss(&head_of(id), &[post].into_iter().filter(|post| post.pass <= at).collect::<Vec<_>>()))
    };
    let documents: Vec<(&str, String)> = ids.into_iter().zip(posts).map(document).collect();
    newsroom.pass(&documents, began() + HOUR * i32::try_from(at).unwrap());
}

/// The links of the items' credits, item by item.
pub(super) fn links(newsroom: &Newsroom) -> Vec<Vec<String>> {
    let of = |item: &Value| {
        let sources = item["_feedloom"]["sources"].as_array().unwrap();
        sources.iter().map(|source| source["url"].as_str().unwrap().to_owned()).collect()
    };
    newsroom.items().iter().map(of).collect()
}

#[test]
fn an_edit_that_makes_something_else_of_an_entry_takes_it_out_of_what_others_told() {
    for Case { name, by, title, link, want } in CASES {
        let mut newsroom = newsroom("");
        let mut posts = [post("alpha", 0), post("beta", 1), post("gamma", 2)];
        (0..3).for_each(|at| pass(&mut newsroom, &posts, at));
        assert_eq!(links(&newsroom), [[ALPHA, BETA, GAMMA]], "{name}");
        let id = newsroom.items()[0]["id"].clone();
        let edited = posts.iter_mut().find(|post| post.guid.starts_with(by)).unwrap();
        (edited.title, edited.link) = (title.to_owned(), link.to_owned());
        for at in 3..5 {
            pass(&mut newsroom, &posts, at);
            assert_eq!(links(&newsroom), [want], "{name}: an edit is no news, and changes this item alone");
            assert_eq!(newsroom.items()[0]["id"], id, "{name}");
            newsroom.restart();
        }
    }
}

#[test]
fn what_a_source_told_that_was_removed_is_no_company() {
    let mut newsroom = newsroom("");
    let mut posts = [post("alpha", 0), post("beta", 0), post("gamma", 9)];
    pass(&mut newsroom, &posts, 0);
    assert_eq!(links(&newsroom), [[ALPHA, BETA]]);
    newsroom.config.sources.retain(|source| source.id.as_str() != "beta");
    posts[0].title = ELSEWHERE.to_owned();
    newsroom.pass(&[("alpha", rss(&head_of("alpha"), &[&posts[0]]))], began() + HOUR);
    assert_eq!(links(&newsroom), [[ALPHA]], "the item is alpha's to edit");
}

#[test]
fn a_story_that_all_of_its_entries_would_leave_keeps_one() {
    let mut newsroom = newsroom("");
    let mut posts = [post("alpha", 0), post("beta", 0), post("gamma", 1)];
    (0..2).for_each(|at| pass(&mut newsroom, &posts, at));
    let id = newsroom.items()[0]["id"].clone();
    let titles = ["Bank raises rates again", "Ferries strike over pay", ELSEWHERE];
    for (post, title) in posts.iter_mut().zip(titles) {
        (post.title, post.link) = (title.to_owned(), post.link.replace("heron", "other"));
    }
    pass(&mut newsroom, &posts, 2);
    let items = newsroom.items();
    assert_eq!((items.len(), &items[0]["id"]), (1, &id));
    assert_eq!(items[0]["title"], titles[0]);
}

#[test]
fn what_was_edited_back_stays_out() {
    let mut newsroom = newsroom("");
    let mut posts = [post("alpha", 0), post("beta", 0), post("gamma", 1)];
    (0..2).for_each(|at| pass(&mut newsroom, &posts, at));
    let before = posts[1].clone();
    (posts[1].title, posts[1].link) = (ELSEWHERE.to_owned(), "https://casino.example/win".to_owned());
    pass(&mut newsroom, &posts, 2);
    posts[1] = before;
    pass(&mut newsroom, &posts, 3);
    assert_eq!(links(&newsroom), [[ALPHA, GAMMA]]);
}

#[test]
fn before_anything_is_published_an_edited_entry_is_news_of_its_own() {
    let mut newsroom = newsroom("settle = \"2h\"\n");
    let mut posts = [post("alpha", 0), post("beta", 0), post("gamma", 0)];
    pass(&mut newsroom, &posts, 0);
    (posts[1].title, posts[1].link) = (ELSEWHERE.to_owned(), "https://beta.example/win".to_owned());
    (1..4).for_each(|at| pass(&mut newsroom, &posts, at));
    let mut found = links(&newsroom);
    found.sort();
    assert_eq!(found, [vec![ALPHA, GAMMA], vec!["https://beta.example/win"]]);
}

#[test]
fn an_entry_alone_is_its_publishers_to_edit() {
    let mut newsroom = newsroom("");
    let mut posts = [post("alpha", 0), post("beta", 9), post("gamma", 9)];
    pass(&mut newsroom, &posts, 0);
    (posts[0].title, posts[0].link) = (ELSEWHERE.to_owned(), "https://alpha.example/win".to_owned());
    pass(&mut newsroom, &posts, 1);
    assert_eq!(links(&newsroom), [["https://alpha.example/win"]]);
    assert_eq!(newsroom.items()[0]["title"], ELSEWHERE);
}
