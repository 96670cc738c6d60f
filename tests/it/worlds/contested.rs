//! Who names the articles of others before they are there: a source that calls their site its home, of which nobody knows
//! whose it is, and a link list. Neither takes them along.

use jiff::SignedDuration;

use super::documents::{Head, Post, rss};
use super::news::{HOUR, head_of};
use super::newsroom::{Newsroom, began};

const SOURCES: &str = "[[source]]\nid = \"alpha\"\nurl = \"https://feeds.example/alpha\"\n\
    [[source]]\nid = \"beta\"\nurl = \"https://elsewhere.example/beta\"\n";
const OUTPUT: &str = "title = \"All\"\nlink = \"https://feeds.example.org/\"\n[[output]]\nfile = \"feed.json\"\n";

fn post(id: &str, number: usize, title: &str, minutes: i64) -> Post {
    Post {
        guid: format!("{id}-{number}"),
        link: format!("https://alpha.example/news/{number}"),
        title: title.to_owned(),
        text: format!("{title}, {id} learned today."),
        pass: 0,
        published: began() + SignedDuration::from_mins(minutes),
        claims: Vec::new(),
    }
}

const ARTICLE: &str = "Museum in Ghent returns a painting to its heirs";
/// When it is there, in hours.
const AT: usize = 90;

fn titles(newsroom: &Newsroom) -> Vec<String> {
    newsroom.items().iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect()
}

fn hours(at: usize) -> i64 {
    i64::try_from(at).unwrap() * 60
}

/// The titles of the items in the end: beta claims alpha's home page, and lists the coming article `before` hours before it
/// is there, dated to the minute `dated`.
fn titles_if_claimed(before: usize, dated: i64) -> Vec<String> {
    let mut newsroom = Newsroom::new(&format!("{OUTPUT}{SOURCES}"));
    let alpha = [
        post("alpha", 0, "Ferry operator in Porto files for bankruptcy", -30),
        post("alpha", 1, ARTICLE, hours(AT) - 5),
    ];
    let beta = [post("beta", 1, "Buy coins at once, they are cheap now", dated)];
    for at in [0, AT - before, AT, AT + 1] {
        let now = began() + HOUR * i32::try_from(at).unwrap();
        let of_alpha: Vec<&Post> = alpha[..if at < AT { 1 } else { 2 }].iter().collect();
        let of_beta: Vec<&Post> = beta[..usize::from(at + before >= AT)].iter().collect();
        let claimed = Head { link: "https://alpha.example/".to_owned(), ..head_of("beta") };
        newsroom.pass(&[("beta", rss(&claimed, &of_beta)), ("alpha", rss(&head_of("alpha"), &of_alpha))], now);
        newsroom.restart();
    }
    titles(&newsroom)
}

#[test]
fn who_lists_the_coming_articles_of_a_site_that_it_claims_does_not_swallow_them() {
    for before in [1, 20, 80] {
        for dated in [-20, hours(AT - before) - 5] {
            let titles = titles_if_claimed(before, dated);
            assert!(titles.iter().any(|title| title == ARTICLE), "{before} hours before, {dated}: {titles:?}");
        }
    }
}

/// The titles of the items in the end: a link list gives alpha's coming article the title `listed`, which beta's has, too,
/// if `also_told`, and the text `said`.
fn titles_if_listed(before: usize, (listed, said): (&str, &str), also_told: bool) -> Vec<String> {
    let sources = [("list", "kind = \"aggregator\"\n"), ("alpha", ""), ("beta", "")];
    let mut newsroom = Newsroom::new(&Newsroom::toml_of(&sources, "[[output]]\nfile = \"feed.json\"\n"));
    let first = hours(AT - before);
    let article = post("alpha", 1, ARTICLE, hours(AT) - 5);
    let list = Post { text: said.to_owned(), ..post("list", 1, listed, first - 5) };
    let beta = Post { link: "https://beta.example/7".to_owned(), ..post("beta", 7, listed, first - 15) };
    for at in [AT - before, AT] {
        let of_alpha: Vec<&Post> = [&article].into_iter().filter(|_| at == AT).collect();
        let of_beta: Vec<&Post> = [&beta].into_iter().filter(|_| also_told).collect();
        let documents = [
            ("list", rss(&head_of("list"), &[&list])),
            ("alpha", rss(&head_of("alpha"), &of_alpha)),
            ("beta", rss(&head_of("beta"), &of_beta)),
        ];
        newsroom.pass(&documents, began() + HOUR * i32::try_from(at).unwrap());
        newsroom.restart();
    }
    titles(&newsroom)
}

#[test]
fn a_list_takes_an_article_along_to_no_other_and_announces_it_once() {
    let other = "Maker unveils the Heron X2 chip for laptops";
    for before in [1, 20, 80] {
        assert_eq!(
            titles_if_listed(before, (other, other), false),
            [ARTICLE],
            "{before}: listed alone, in other words"
        );
        assert_eq!(titles_if_listed(before, (ARTICLE, ARTICLE), false), [ARTICLE], "{before}: listed alone");
        for said in [other.to_owned(), format!("{other}. {ARTICLE}.")] {
            let mut titles = titles_if_listed(before, (other, &said), true);
            titles.sort();
            assert_eq!(titles, [other, ARTICLE], "{before}: listed with the title of another: {said}");
        }
    }
}

#[test]
fn what_a_stranger_says_of_an_article_beside_it_stops_nothing() {
    for (title, link) in [
        ("Alpha lies", "https://alpha.example/news/1?ref=beta"),
        ("The lies", "https://alpha.example/news/1"),
        (ARTICLE, "https://alpha.example/news/1?utm_source=beta"),
        ("Heirs of a painter in Ghent", "https://beta.example/1"),
        ("Casino", "https://alpha.example/news/1"),
    ] {
        let mut newsroom =
            Newsroom::new(&Newsroom::toml_of(&[("alpha", ""), ("beta", "")], "[[output]]\nfile = \"feed.json\"\n"));
        let text =
            format!("{ARTICLE}, says the director. It was taken in 1941 and hung in a hall beside the stairs since.");
        let alpha = [
            Post { text: text.clone(), ..post("alpha", 1, ARTICLE, 10) },
            post("alpha", 2, "Ferry operator in Porto files for bankruptcy", hours(1) + 10),
        ];
        let beta = Post { text, link: link.to_owned(), ..post("beta", 1, title, 15) };
        for at in 1..=2 {
            let of_alpha: Vec<&Post> = alpha[..at].iter().collect();
            let documents = [("alpha", rss(&head_of("alpha"), &of_alpha)), ("beta", rss(&head_of("beta"), &[&beta]))];
            newsroom.pass(&documents, began() + HOUR * i32::try_from(at).unwrap());
            newsroom.restart();
        }
        let titles = titles(&newsroom);
        for post in &alpha {
            assert!(titles.contains(&post.title), "{title} at {link}: {titles:?}");
        }
    }
}

/// The titles and addresses of the items in the end, after passes at each of which alpha and beta have these posts.
fn items_after(passes: &[(&[&Post], &[&Post])]) -> Vec<(String, String)> {
    let toml = Newsroom::toml_of(&[("alpha", ""), ("beta", "")], "[[output]]\nfile = \"feed.json\"\n");
    let mut newsroom = Newsroom::new(&toml);
    for (at, (alpha, beta)) in (1_i32..).zip(passes) {
        let documents = [("alpha", rss(&head_of("alpha"), alpha)), ("beta", rss(&head_of("beta"), beta))];
        newsroom.pass(&documents, began() + HOUR * at);
        newsroom.restart();
    }
    let text = |item: &serde_json::Value, key: &str| item[key].as_str().unwrap().to_owned();
    newsroom.items().iter().map(|item| (text(item, "title"), text(item, "url"))).collect()
}

#[test]
fn an_article_has_one_item_under_its_own_title_whatever_others_make_of_their_words_about_it() {
    const FALSE: &str = "Buy coins at once, they are cheap now";
    let article = post("alpha", 1, ARTICLE, 40);
    let old = post("alpha", 0, "Ferry operator in Porto files for bankruptcy", 5);
    let (of_alpha, there) = ([&old, &article], article.link.as_str());
    let about = |title: &str| Post {
        title: title.to_owned(),
        link: there.to_owned(),
        text: "Words of beta.".to_owned(),
        ..post("beta", 1, title, 50)
    };
    for steps in [vec![FALSE], vec![ARTICLE, FALSE], vec!["About a museum", FALSE, "About a ferry"]] {
        let posts: Vec<Post> = (0..4).map(|at| about(steps[at.min(steps.len() - 1)])).collect();
        let shown: Vec<[&Post; 1]> = posts.iter().map(|post| [post]).collect();
        let passes: Vec<(&[&Post], &[&Post])> = shown.iter().map(|beta| (&of_alpha[..], &beta[..])).collect();
        let mut items = items_after(&passes);
        items.retain(|(_, url)| url == there);
        assert_eq!(items, [(ARTICLE.to_owned(), there.to_owned())], "{steps:?}");
    }
}
