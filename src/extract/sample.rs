//! A page for tests: an article with a part to be looked at in its middle, or at its end.

use url::Url;

use super::{Choice, Page, read};

const TITLE: &str = "City votes for data centre by the river";
const PROSE: [&str; 5] = [
    "The city council voted on Monday to open a new data centre beside the river, which would use waste heat to warm two \
     thousand homes in the old harbour district.",
    "Officials said that the building will need about forty megawatts at peak, and that the operator has promised to buy \
     power from wind farms off the northern coast for the next ten years.",
    "Residents who spoke at the meeting worried about noise from the cooling fans, and asked for a wall of trees between \
     the site and the school on Mill Lane.",
    "Work is due to begin in spring, and the first servers should be switched on before the end of next year, if the grid \
     company finishes its new line in time.",
    "The mayor called the vote a good day for the harbour, while the opposition asked why no other site had been looked \
     at, and who would pay if the operator left.",
];

/// The HTML of the article of which `part` stands between the second paragraph and the third, from there to there.
#[track_caller]
pub(super) fn within(part: &str) -> String {
    let (before, after) = (paragraphs(&PROSE[..2]), paragraphs(&PROSE[2..]));
    let html = body_of(&format!("{before}{part}{after}"));
    let start = html.find(PROSE[1]).expect(part) + PROSE[1].len() + "</p>".len();
    let end = html.find(PROSE[2]).expect(part) - "<p>".len();
    html[start..end].to_owned()
}

/// The HTML of the article that ends with `part`, from there on.
#[track_caller]
pub(super) fn at_end(part: &str) -> String {
    let html = body_of(&format!("{}{part}", paragraphs(&PROSE)));
    let start = html.find(PROSE[4]).expect(part) + PROSE[4].len() + "</p>".len();
    html[start..].to_owned()
}

fn paragraphs(texts: &[&str]) -> String {
    texts.iter().map(|text| format!("<p>{text}</p>")).collect()
}

fn body_of(entry: &str) -> String {
    let url = Url::parse("https://times.example/news/data-centre").expect("an address");
    let page = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>{TITLE}</title><body><header><nav><a href=/>Home</a> \
         <a href=/tech>Tech</a></nav></header><main><article class=post><h1>{TITLE}</h1><div class=entry-content>{entry}\
         </div></article></main><footer><p>© 2026 Times. <a href=/privacy>Privacy</a></p></footer>"
    );
    let page = Page { url: &url, bytes: page.as_bytes(), headers: &[] };
    read(&page, &Choice::default()).expect("an article").html
}
