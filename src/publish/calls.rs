//! What publishing systems put around a text as links, known in every language by what it links to: "The post X appeared
//! first on Y", "Read full topic", "Share this letter".

use url::Url;

use super::boilerplate::is_count_of_posts;
use crate::text::{Anchor, Block, anchors, owner_of, plain_text};

/// The label of a link that asks for a click is not longer than this, in characters.
const LONGEST_LABEL: usize = 40;
/// Nor is a heading over such links.
const LONGEST_HEADING: usize = 30;
/// Words beside the two links of a footer have no more characters.
const LONGEST_BETWEEN: usize = 80;
/// What ends a sentence.
const ENDS: [char; 10] = ['.', '!', '?', '…', '。', '！', '？', '।', '။', '។'];

/// A paragraph that is kept, and whether one after it, before the next that is kept, is not.
#[derive(Debug)]
pub(super) struct Kept<'a> {
    pub(super) block: Block<'a>,
    pub(super) is_left_after: bool,
}

/// Takes the links around a text called `title` off `kept`, as long as `says_something` of what is left.
pub(super) fn take_off(kept: &mut Vec<Kept<'_>>, title: &str, says_something: impl Fn(&[Kept<'_>]) -> bool) {
    while let Some(last) = kept.last() {
        let is_footer = is_footer(&last.block, title) || last.is_left_after && is_count_of_posts(&last.block.text);
        let is_call = || is_call(&last.block) || last.is_left_after && is_heading(&last.block.text);
        let goes = is_footer || is_call() && says_something(&kept[..kept.len() - 1]);
        if !goes {
            break;
        }
        kept.pop();
        if let Some(before) = kept.last_mut() {
            before.is_left_after = true;
        }
    }
    let calls = kept.iter().take_while(|kept| is_call(&kept.block)).count();
    if calls > 0 && says_something(&kept[calls..]) {
        kept.drain(..calls);
    }
    if let Some(text) = kept.last().and_then(|last| without_footer(&last.block, title)) {
        kept.last_mut().into_iter().for_each(|last| last.block.text.clone_from(&text));
    }
}

/// Whether a paragraph of HTML is nothing but a link from an article called `title` to itself and to its site's home page.
pub(super) fn is_footer(block: &Block<'_>, title: &str) -> bool {
    let Some((page, home)) = footer_links(block.html).filter(|(page, _)| is_called(&page.text, title)) else {
        return false;
    };
    let first = page.at.start.min(home.at.start);
    if plain_text(&block.html[..first]).contains(ENDS) {
        return false;
    }
    let outside = [0..first, between(&page, &home), page.at.end.max(home.at.end)..block.html.len()];
    chars(outside.into_iter().map(|part| plain_text(&block.html[part]))) <= LONGEST_BETWEEN
}

/// The text of a paragraph that ends in such links, the first called `title`, without the sentence that they are in.
fn without_footer(block: &Block<'_>, title: &str) -> Option<String> {
    let (page, home) = footer_links(block.html).filter(|(page, _)| is_same(&page.text, title))?;
    let rest = plain_text(&block.html[page.at.end.max(home.at.end)..]);
    if chars([plain_text(&block.html[between(&page, &home)]), rest]) > LONGEST_BETWEEN {
        return None;
    }
    let before = plain_text(&block.html[..page.at.start.min(home.at.start)]);
    let end = before
        .char_indices()
        .rfind(|(_, c)| ENDS.contains(c) || matches!(c, ']' | ')'))
        .map(|(at, c)| at + c.len_utf8());
    Some(before[..end?].to_owned())
}

/// The last two links of `html`, if one leads to a page, the other to the home page of that page's site.
fn footer_links(html: &str) -> Option<(Anchor, Anchor)> {
    html.matches("</a").nth(1)?;
    let mut found = anchors(html);
    let (second, first) = (found.pop()?, found.pop()?);
    let (a, b): (Url, Url) = (first.href.parse().ok()?, second.href.parse().ok()?);
    let is_of_one = owner_of(&a).is_some_and(|owner| owner_of(&b) == Some(owner));
    match (is_home_of(&b, &a), is_home_of(&a, &b)) {
        (true, false) if is_of_one => Some((first, second)),
        (false, true) if is_of_one => Some((second, first)),
        _ => None,
    }
}

/// Whether `page` lies under `home`.
fn is_home_of(home: &Url, page: &Url) -> bool {
    let folder = home.path().trim_end_matches('/');
    let below = page.path().strip_prefix(folder).is_some_and(|rest| rest.starts_with('/') && rest.len() > 1);
    home.query().is_none() && (below || page.path() == home.path() && page.query().is_some())
}

/// The part of their HTML between two links.
fn between(a: &Anchor, b: &Anchor) -> std::ops::Range<usize> {
    let (first, second) = if a.at.start < b.at.start { (a, b) } else { (b, a) };
    first.at.end..second.at.start
}

/// Whether a paragraph is a single short link and no sentence. A list of links belongs to the text.
fn is_call(block: &Block<'_>) -> bool {
    let is_short = !block.is_item && block.text.chars().nth(LONGEST_LABEL).is_none() && !block.text.ends_with(ENDS);
    is_short && block.html.contains("</a") && matches!(&anchors(block.html)[..], [one] if one.text == block.text)
}

/// Whether a paragraph without sentences stands over what is not part of the text.
fn is_heading(text: &str) -> bool {
    text.chars().nth(LONGEST_HEADING).is_none() && !text.contains(ENDS)
}

fn is_same(a: &str, b: &str) -> bool {
    let plain = |text: &str| text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    !b.is_empty() && plain(a) == plain(b)
}

/// Whether a link to an article called `title` may have this label: feeds put more into a title, and cut it.
fn is_called(label: &str, title: &str) -> bool {
    let plain = |text: &str| text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let (a, b) = (plain(label), plain(title));
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    short.len() * 3 >= long.len() && !short.is_empty() && long.contains(&short)
}

fn chars(parts: impl IntoIterator<Item = String>) -> usize {
    parts.into_iter().map(|part| part.chars().count()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::paragraphs;

    #[track_caller]
    fn check(html: &str, want: &[&str]) {
        let kept = |block| Kept { block, is_left_after: false };
        let mut kept: Vec<Kept<'_>> = paragraphs(html).into_iter().map(kept).collect();
        take_off(&mut kept, "A new chip", |rest| rest.iter().any(|kept| kept.block.text.chars().count() > 30));
        let found: Vec<&str> = kept.iter().map(|kept| kept.block.text.as_str()).collect();
        assert_eq!(found, want, "{html}");
    }

    const TEXT: &str = "The council approved a data centre.";
    const PAGE: &str = "<a rel=\"nofollow\" href=\"https://www.site.example/2026/a-new-chip/\">A new chip</a>";
    const HOME: &str = "<a href=\"https://site.example/\">Yahoo! Tech</a>";

    #[test]
    fn a_footer_is_known_by_its_links_in_any_language() {
        for footer in [
            format!("The post {PAGE} appeared first on {HOME}."),
            format!("Der Artikel {PAGE} wurde zuerst auf {HOME} veröffentlicht."),
            format!("ჩანაწერი {PAGE} პირველად გამოქვეყნდა {HOME}-ზე."),
            format!("{HOME} — {PAGE}"),
            format!("{PAGE}{HOME}"),
        ] {
            check(&format!("<p>{TEXT}</p>\n<p>{footer}</p>"), &[TEXT]);
            check(&format!("{TEXT} {footer}"), &[TEXT]);
        }
        for other in [
            format!(
                "He spoke of {PAGE} at length, and of what came before it, and at the end of all that he named {HOME}, too."
            ),
            format!("See <a href=\"https://other.example/x\">this</a> on {HOME}."),
            format!("It is <a href=\"https://site.example/\">here</a> and {HOME}."),
        ] {
            let text = plain_text(&other);
            check(&format!("<p>{TEXT}</p><p>{other}</p>"), &[TEXT, &text]);
        }
        for other in [
            "Get <a href=\"https://tool.example/get\">the tool</a> from <a href=\"https://tool.example/\">its site</a>",
            "New release of <a href=\"https://git.example/a/b\">b</a> by <a href=\"https://git.example/a\">a</a>",
        ] {
            let text = plain_text(other);
            check(&format!("<p>{TEXT}</p><p>{other}</p>"), &[TEXT, &text]);
            check(other, &[&text]);
        }
        for title in ["A new chip: first look", "A New Chip — Yahoo", "New chip"] {
            assert!(is_called("A new chip", title), "{title}");
        }
        for title in ["A new chip is not what we need in this world", "Chips", ""] {
            assert!(!is_called("A new chip", title), "{title}");
        }
        let linked = "It spoke of <a href=\"https://site.example/x\">the chip</a> on <a href=\"https://site.example/\">Site</a>.";
        check(&format!("{TEXT} {linked}"), &[&format!("{TEXT} It spoke of the chip on Site.")]);
    }

    #[test]
    fn links_that_ask_for_a_click_are_no_text() {
        let link = |label: &str| format!("<p><a href=\"https://d.example/t/1\"><b>{label}</b></a></p>");
        let counts = "<p><small>12 příspěvků - 4 účastníků</small></p>";
        check(&format!("<p>{TEXT}</p>{counts}{}", link("Přečíst celé téma")), &[TEXT]);
        check(&format!("{}<p>{TEXT}</p><p>More</p>{}{}", link("View online"), link("Share"), link("Reply »")), &[TEXT]);
        check(&link("A new chip is here"), &["A new chip is here"]);
        check(&format!("<p>Chips</p>{}", link("Share")), &["Chips", "Share"]);
        let items = "<li><a href=x>A ferry</a></li><li><p><a href=y>Kites</a></p></li>";
        check(&format!("<p>{TEXT}</p><ul>{items}</ul>"), &[TEXT, "A ferry", "Kites"]);
        check(&format!("<p>{TEXT}</p><p>2 cameras - 3 colours</p>"), &[TEXT, "2 cameras - 3 colours"]);
        let sentence = link("It can be seen here.");
        check(&format!("<p>{TEXT}</p>{sentence}"), &[TEXT, "It can be seen here."]);
    }
}
