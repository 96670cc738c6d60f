//! Parts of a page that are not the article's own words, and whose licence is not its licence: pictures with their
//! captions, asides, comments.

use crate::text::Attrs;

/// Words of a class or id that name the comments of readers.
const COMMENTS: [&str; 9] = [
    "comment",
    "comment-body",
    "comment-list",
    "commentlist",
    "comments",
    "comments-area",
    "comments-list",
    "disqus_thread",
    "responses",
];

/// Where a linear pass over a page is.
#[derive(Debug, Default)]
pub(super) struct Apart {
    /// The outermost such part, and how many elements of its name are open in it.
    open: Option<(String, usize)>,
}

impl Apart {
    /// Whether it is in such a part.
    pub(super) fn is_inside(&self) -> bool {
        self.open.is_some()
    }

    /// Takes a start tag.
    pub(super) fn start(&mut self, name: &str, raw: &str) {
        match &mut self.open {
            Some((part, depth)) if part == name => *depth += 1,
            Some(_) => {}
            None if begins(name, raw) => self.open = Some((name.to_owned(), 1)),
            None => {}
        }
    }

    /// Takes an end tag.
    pub(super) fn end(&mut self, name: &str) {
        let Some((part, depth)) = &mut self.open else { return };
        if part == name {
            *depth -= 1;
            if *depth == 0 {
                self.open = None;
            }
        }
    }
}

fn begins(name: &str, raw: &str) -> bool {
    match name {
        "figure" | "aside" => true,
        "article" | "div" | "li" | "ol" | "section" | "ul" if raw.len() > "class=x".len() => {
            let mut attrs = Attrs::default();
            attrs.read(raw);
            let is_of_comments = |words: &str| {
                words.split_ascii_whitespace().any(|word| COMMENTS.contains(&word.to_ascii_lowercase().as_str()))
            };
            ["class", "id"].iter().any(|name| attrs.get(name).is_some_and(|words| is_of_comments(&words)))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::scan::scan;

    const LICENSE: &str = "<a rel=\"license\" href=\"https://creativecommons.org/licenses/by/4.0/\">CC BY</a>";

    /// Whether a licence in `html`, where `@` stands, is that of the article.
    #[track_caller]
    fn check(html: &str, want: bool) {
        let html = html.replace('@', LICENSE);
        let found = scan(&html);
        assert_eq!((found.links.len(), found.links_apart.len()), (usize::from(want), usize::from(!want)), "{html}");
    }

    #[test]
    fn the_licence_of_a_picture_or_a_comment_is_not_that_of_the_article() {
        check(
            "<article><p>Words.</p><figure><img src=x><figcaption>Photo: N, @</figcaption></figure></article>",
            false,
        );
        check("<article><p>Words.</p><figure><figure><img src=x></figure>@</figure></article>", false);
        check("<article><p>Words.</p></article><aside class=related><h2>Other</h2>@</aside>", false);
        check("<div id=comments><ol class=\"comment-list\"><li><div>Words</div>@</li></ol></div>", false);
        check("<section class=\"box Comments-Area\"><div><div></div></div><p>@</section>", false);
        check("<ul><li class=\"comment even depth-1\">@</li></ul>", false);
    }

    #[test]
    fn the_licence_beside_the_article_is_its_own() {
        check("<article><p>Words.</p>@</article>", true);
        check("<article><figure><img src=x></figure><p>Words.</p></article><footer>@</footer>", true);
        check(
            "<body class=\"single comments-open\"><aside>Menu</aside><div class=\"no-comments\">@</div></body>",
            true,
        );
        check("<div class=comments><div>Words</div></div><footer><div>@</div></footer>", true);
    }
}
