//! Two sources that call one site their home, of which nobody knows whose it is: neither takes the other's articles along.

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

/// The titles of the items in the end: beta claims alpha's home page, and lists the coming article `squatted` hours before
/// it is there.
fn titles(squatted: usize) -> Vec<String> {
    let mut newsroom = Newsroom::new(&format!("{OUTPUT}{SOURCES}"));
    let article_at = 90;
    let alpha = [
        post("alpha", 0, "Ferry operator in Porto files for bankruptcy", -30),
        post("alpha", 1, "Museum in Ghent returns a painting to its heirs", article_at * 60 - 5),
    ];
    let beta = [post("beta", 1, "Buy coins at once, they are cheap now", -20)];
    for at in [0, article_at as usize - squatted, article_at as usize, article_at as usize + 1] {
        let now = began() + HOUR * i32::try_from(at).unwrap();
        let of_alpha: Vec<&Post> = alpha[..if at < article_at as usize { 1 } else { 2 }].iter().collect();
        let of_beta: Vec<&Post> = beta[..usize::from(at + squatted >= article_at as usize)].iter().collect();
        let claimed = Head { link: "https://alpha.example/".to_owned(), ..head_of("beta") };
        newsroom.pass(&[("beta", rss(&claimed, &of_beta)), ("alpha", rss(&head_of("alpha"), &of_alpha))], now);
        newsroom.restart();
    }
    newsroom.items().iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn who_lists_the_coming_articles_of_a_site_that_it_claims_does_not_swallow_them() {
    for squatted in [1, 20, 80] {
        let titles = titles(squatted);
        assert!(titles.iter().any(|title| title.starts_with("Museum in Ghent")), "{squatted} hours before: {titles:?}");
    }
}
