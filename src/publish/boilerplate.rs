//! What is in a text but not part of it: what publishing systems append, bylines, captions, notices.

use std::sync::LazyLock;

use regex::Regex;

use super::appendix::{
    APPEARED, APPEARED_ELSEWHERE, LIST_TAIL, LONGEST_APPENDIX_BYTES, LOOKED_AT_BYTES, READ_MORE, end_of, pattern,
};
use super::plain_line::one_line;

/// So many of them are taken off a text at most, one after another: a text of nothing else would take long.
const MOST_NOTICES: usize = 10;
/// A line that counts posts is shorter than this.
const LONGEST_COUNT_BYTES: usize = 100;
/// What ends a sentence, or a text that was cut.
const ENDS: [char; 9] = ['.', '!', '?', '…', '。', '！', '？', ']', '।'];
/// A byline or a caption is shorter than this.
const LONGEST_LINE_BYTES: usize = 160;

/// Whether `text` is nothing but such an appendix.
pub(super) fn is_boilerplate(text: &str) -> bool {
    let line = one_line(text);
    !line.is_empty() && without_boilerplate(&line).0.is_empty()
}

/// Whether a paragraph is a byline, a caption, a notice or an invitation instead of article text.
pub(super) fn is_beside_the_text(paragraph: &str) -> bool {
    let line = paragraph.trim();
    let is_short = line.len() <= LONGEST_LINE_BYTES;
    line.len() <= 2 * LONGEST_LINE_BYTES && is_of_platform(line)
        || is_only_marks(line)
        || is_short
            && (is_labelled_link(line)
                || [&*BYLINE, &*CAPTION, &*INVITATION].iter().any(|pattern| pattern.is_match(line)))
        || line.len() <= 4 * LONGEST_LINE_BYTES && COOKIE.is_match(line) && COOKIES.is_match(line)
        || line.len() <= LOOKED_AT_BYTES && is_boilerplate(line)
}

/// `text` without a byline, a picture's credit or a link list's counts in front of it.
pub(super) fn without_opening(text: &str) -> &str {
    let mut rest = text.trim_start();
    loop {
        // Neither pattern is made for a text that has no such beginning.
        let found = match rest.chars().next() {
            Some('B' | 'b') => LEADING_BYLINE.find(rest),
            Some('(' | '[') => LEADING_CREDIT.find(rest),
            Some('0'..='9') => LEADING_COUNTS.find(rest),
            _ => None,
        };
        match found.filter(|found| found.end() > 0 && found.len() <= LONGEST_LINE_BYTES) {
            Some(found) => rest = rest[found.end()..].trim_start(),
            None => return rest,
        }
    }
}

/// `text` without what publishing systems append, and whether it declared that it was cut.
pub(super) fn without_boilerplate(text: &str) -> (&str, bool) {
    let mut rest = text.trim();
    let mut was_cut = false;
    for _ in 0..MOST_NOTICES {
        let before = rest;
        // Before the dots: those at the end of "Continue reading…" cut nothing off.
        for pattern in [&*READ_MORE, &*LIST_TAIL] {
            if let Some(start) = pattern.start(rest) {
                rest = rest[..start].trim_end();
            }
        }
        if rest.len() <= LONGEST_APPENDIX_BYTES && LINK_WORD.is_match(rest) {
            rest = "";
        }
        let (start, end) = end_of(rest);
        if let Some(found) = DOTS.find(end) {
            rest = rest[..start + found.start()].trim_end();
            was_cut = true;
        }
        rest = &rest[..appeared_first(rest).unwrap_or(rest.len())];
        rest = &rest[..last_link(rest).unwrap_or(rest.len())];
        rest = &rest[..last_invitation(rest).unwrap_or(rest.len())];
        rest = rest.trim_end();
        if rest == before {
            break;
        }
    }
    (rest, was_cut && !rest.is_empty())
}

/// Where a last sentence begins that is a notice or an invitation by itself, behind other sentences.
fn last_invitation(text: &str) -> Option<usize> {
    let looked_at = text.ceil_char_boundary(text.len().saturating_sub(2 * LONGEST_LINE_BYTES));
    let end = text.trim_end_matches(['.', '!', '?', '…']).len();
    let (at, boundary) =
        SENTENCE_END.find_iter(text.get(looked_at..end)?).last().map(|found| (looked_at + found.start(), found))?;
    let last = text[looked_at + boundary.end()..].trim();
    let is_short = last.len() <= LONGEST_LINE_BYTES;
    // A quotation mark, a bracket or a smiley behind the mark that ends a sentence belongs to it; an arrow back leads
    // from a footnote.
    let is_arrow = last.starts_with('↩') && last.chars().count() <= 2;
    let is_invitation = is_arrow
        || is_of_platform(last)
        || is_short && (INVITATION.is_match(last) || LINK_WORD.is_match(last) || is_labelled_link(last));
    // The mark that ends the sentence before stays.
    is_invitation.then(|| at + text[at..].chars().next().map_or(1, char::len_utf8))
}

/// Where "The post … appeared first on …" begins, if `text` ends in it, in any language that publishing systems speak.
fn appeared_first(text: &str) -> Option<usize> {
    if let Some(marker) = APPEARED.start(text) {
        return opening_of(text.split_at(marker));
    }
    let marker = APPEARED_ELSEWHERE.start(text)?;
    let before = &text[..marker];
    // What begins further in front is too long.
    let (near, end) = end_of(before);
    let openings = || OPENING_ELSEWHERE.find_iter(end).map(|opening| near + opening.start());
    // Ordinary sentences have the same words in languages with spaces, and some in others.
    let is_ordinary = text[marker..].starts_with(|c: char| c < '\u{900}') || ORDINARY.is_match(&text[marker..]);
    // Without a known opening it is the whole last sentence, which begins with the title.
    let sentence = last_sentence(before);
    let begins_one = openings().filter(|at| begins_sentence(before, *at)).last();
    let opening = begins_one.or_else(|| openings().filter(|at| *at >= sentence).last());
    let start = match opening {
        Some(opening) => opening,
        None if is_ordinary && !POST.is_match(&text[sentence..]) => return None,
        None => sentence,
    };
    (text.len() - start <= 2 * LONGEST_APPENDIX_BYTES).then_some(start)
}

/// Where "The post …" begins, in the text before "appeared first on …".
fn opening_of((before, marker): (&str, &str)) -> Option<usize> {
    // Papers and programs are "first published on", too.
    let is_published = marker.starts_with("was ") || marker.starts_with("published");
    let near = before.ceil_char_boundary(before.len().saturating_sub(2 * LONGEST_APPENDIX_BYTES));
    let openings = || OPENING.find_iter(&before[near..]);
    let first_words = openings().filter(|opening| begins_sentence(before, near + opening.start())).last();
    let opening = first_words.or_else(|| openings().last())?;
    let (at, opening) = (near + opening.start(), opening.as_str());
    let is_one_sentence = at >= before.len() - before[last_sentence(before)..].trim_start().len();
    // A title may have marks within, and before the words that follow it, which then have no other subject.
    let is_title_between = !is_published && (opening == "The post" || before.trim_end().ends_with(ENDS));
    let is_of_post = !(is_published && opening.ends_with("news"));
    (is_of_post && (is_one_sentence || is_title_between)).then_some(at)
}

fn begins_sentence(text: &str, at: usize) -> bool {
    let before = text[..at].trim_end();
    before.is_empty() || before.ends_with(ENDS)
}

/// Where the last sentence of `text` begins; `Byte.Wire` ends none.
fn last_sentence(text: &str) -> usize {
    let ends =
        |at: usize, c: char| ENDS.contains(&c) && (!c.is_ascii() || text[at + 1..].starts_with(char::is_whitespace));
    text.char_indices().rfind(|(at, c)| ends(*at, *c)).map_or(0, |(at, c)| at + c.len_utf8())
}

/// Whether a line has neither words nor pictures: it separates.
fn is_only_marks(line: &str) -> bool {
    !line.chars().any(char::is_alphanumeric) && ONLY_MARKS.is_match(line)
}

/// Whether a line counts what is in a forum's topic, as Discourse writes it in every language: `12 posts - 4 participants`.
pub(super) fn is_count_of_posts(line: &str) -> bool {
    line.contains(" - ") && line.len() <= LONGEST_COUNT_BYTES && COUNT_OF_POSTS.is_match(line)
}

/// Where the label of a link that follows the text begins.
fn last_link(text: &str) -> Option<usize> {
    let label = text.strip_suffix(']').unwrap_or(text);
    if !["Comments", "Discussion", "Permalink"].iter().any(|word| label.ends_with(word)) {
        return None;
    }
    let (start, end) = end_of(text);
    Some(start + LAST_LINK.captures(end)?.get(1)?.start())
}

static OPENING: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b(?:The|This) (?:post|article|entry|story|news|review|piece)\b"));
static OPENING_ELSEWHERE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?:^|\s)(?:(?:Der|Dieser) (?:Beitrag|Artikel|Post|Text)|(?:L['’]|Cet |Le )(?:article|actualité|post|billet)",
        r"|(?:La|Esta) (?:entrada|publicación|nota|noticia)|(?:El|Este) (?:artículo|post|cargo|texto)|(?:L['’]|Quest['’]|Il )(?:articolo|post)",
        r"|(?:O|Este) (?:post|artigo|conteúdo|texto)|A (?:matéria|postagem|entrada|publicación)|(?:Het|Dit) (?:bericht|artikel)|De post|Die pos",
        r"|Artykuł|Post|Wpis|Сообщение|Запись|Статья|Пост|Запис|Запіс|Допис|Публікація|Příspěvek|Článek|Článok|Príspevok|Inlägget|Artikeln|Indlægget",
        r"|Artiklen|Innlegget|Artikkelen|Artikkelin?|Artikkel|Julkaisu|Articolul|Postarea|A\(z\)|Bejegyzés|Το (?:άρθρο|post)|L['’]entrada|Entrada|Публикацията",
        r"|Чланак|Статијата|Објавата|Įrašas|Pranešimas|Straipsnis|Ieraksts|Raksts|Postitus|Færslan|Artikulua|Postimi|Prispevek|Članak|Objava",
        r"|Artikel|Pos|Postingan|Bài viết|Ymddangosodd|Foilsíodh|The post|הפוסט|نوشته|پست|ظهرت المقالة|المقالة?|پوسٹ|投稿|文章|पोस्ट|পোস্ট|โพสต์|บทความ)\s",
    ))
});
/// What such a sentence calls a post, or where it stands, in languages in which the title comes first.
static POST: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"yazısı|makalesi|sitesinde|saytında|saytda|жазбасы|maqolasi|bejegyzés|cikk|sarrera|on Medium|\bpost\b|webgunean|oldalon|ظهرت المقالة|文章|本文|帖子|投稿|記事|게시물|게시글|포스트|글|기사|โพสต์|บทความ|पोस्ट|लेख|পোস্ট|লেখা|இடுகை|பதிவு",
    )
});
/// Words that tell of any first time, where a post is named beside them; the others are those of a footer alone.
static ORDINARY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"^(?:首发于|首發於|首次(?:發佈|发布|出現|出现)|首先出现在|最早出現於|に最初に(?:投稿|公開|掲載)されました|에서 먼저 등장했습니다|에 처음 게시되었습니다",
        r"|ถูกเผยแพร่ครั้งแรก|เผยแพร่ครั้งแรก|सबसे पहले|প্রথম .+ প্রকাশিত|முதலில் .+ தோன்றியது)"
    ))
});
static ONLY_MARKS: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[^\p{L}\p{N}\p{Extended_Pictographic}]+$"));
static COUNT_OF_POSTS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^(?:\d+[^\d.!?]*\p{L}[^\d.!?]* - \d+|\p{L}+ \d+\p{L} - \p{L}+ \d+)[^\d.!?]*\p{L}[^\d.!?]*$")
});
static LINK_WORD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)^(?:\[?(?:comments?|discuss(?:ion)?|link|permalink|source|share|sign in|log in)\]?[\s|·,]*)+$")
});
/// As link lists write it: `58 points, 44 comments Comments`.
static LAST_LINK: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?:[.!?…)\]»”]|\bcomments?)(\s+\[?(?:Comments|Discussion|Permalink)\]?)$"));
/// Lines that platforms put beside the text: hnrss, Lobsters, Reddit, Discourse, Substack, Ghost, YouTube, Medium.
static PLATFORM: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)^(?:(?:article|comments|link) url:|(?:points|votes|score): [0-9]|(?:# )?comments: [0-9]+$|submitted by\s+/?u/|(?-i:submitted) by\s+[^.!?]+ to [^.!?]+$|\[link\]\s*\[comments\]",
        r"|[0-9]+ posts? - [0-9]+ participants?|[0-9]+ (?:posts?|messages?|beiträge|publications?|mensajes?) - [0-9]+ ",
        r"|read full topic|lire le sujet (?:complet|en entier)|(?:gesamtes|komplettes|ganzes) thema lesen|leer (?:el tema completo|tema completo|todo el tema)",
        r"|ler (?:o )?tópico (?:completo|inteiro)|leggi (?:l['’]intero argomento|la discussione completa)|volledig topic lezen",
        r"|читать (?:всю тему|полностью)|przeczytaj cały (?:temat|wątek)|阅读完整(?:主题|话题)|閱讀完整(?:主題|話題)|トピック全体を(?:読む|表示)|전체 (?:주제|글) 읽기",
        r"|(?:[^.!?]+ )?is a reader-supported publication\b|to receive new posts and support my work\b|this is a free preview of a paid (?:episode|post|article)\b",
        r"|to (?:hear|read) more, visit |already have an account\?|click here to (?:read|continue|view|watch|listen)\b",
        r"|thanks for reading\b|this (?:post|substack) is (?:public|reader-supported)|subscribe (?:now|for free)\b|share this post$|leave a comment$",
        r"|(?:get|start) (?:a |your )?[0-9]+.day free trial|upgrade to paid|become a (?:paid )?subscriber|this post is for (?:paid|paying) subscribers",
        r"|continue reading on |continue reading at |lire la suite sur |weiterlesen auf |like and subscribe|subscribe to (?:our|my|the) channel",
        r"|give a gift subscription$|refer a friend$|upgrade your subscription$|get more from [^.!?]+ in the substack app|this post is for subscribers only",
        r"|no spam\. unsubscribe any ?time|email sent! check your inbox|follow (?:me|us) on |support (?:me|us|the channel) on patreon|join (?:this|the) channel|►|▶|[\[(]?[0-9]{1,2}:[0-9][0-9](?::[0-9][0-9])?[\])]? |(?:music|edited|thumbnail) by: )"
    ))
});
static SUBSCRIBE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i-u)^subscribe (?:(?:for|to get) (?:more|new|our|my) |to the channel\b)"));
/// A label and an address, or hashtags: what stands under a video.
static LABELLED_LINK: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:\P{L}*(?:(?:[\p{L}\p{M}\p{N}&'’/-]+\s+){0,6}[\p{L}\p{M}\p{N}&'’/-]*\s*[:→►▶➡👉|]+)?\s*https?://\S+|(?:#[\p{L}\p{N}_]+[\s,]*)+)$",
    )
});
static SENTENCE_END: LazyLock<Regex> = LazyLock::new(|| pattern(r"[.!?…][”»)\]]?\s+|[。！？।။។]\s*"));
static DOTS: LazyLock<Regex> = LazyLock::new(|| pattern(r"\s*(?:[\[(]\s*(?:…|\.{3}|&hellip;)\s*[\])]|…|\.{3,})$"));

/// `By Jane Doe`, `Posted by J. Roe on Nov 3, 2026`, `Von Eva Muster`, followed by a date or an outlet.
static BYLINE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"^(?:(?:(?i:(?:written|posted|published|reported|words|story|article)) )?(?i:by)|Von|Par|Por)",
        r":? \p{Lu}[^\s|·•,–—]*(?:(?: and|,| &| und| et| y)? \p{Lu}[^\s|·•,–—]*)*",
        r"(?:\s*(?:[|·•,–—-]|on\b|am\b|\d).*)?$",
        r"|^(?i:published|posted|updated|last updated):? (?:on )?(?:[A-Za-zä]+\.? )?[0-9][0-9]?\b[^!?]*$"
    ))
});
static LEADING_BYLINE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(?:[Bb]y|BY) \p{Lu}[^\s|·•,–—]*(?: \p{Lu}[^\s|·•,–—]*)+\s*(?:[|·•]|–|—|-\s)\s*"));
static CAPTION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)^[\[(]?(?:(?:image|photo|picture|photograph|illustration|screenshot|credit|source|bild|foto|grafik|crédit|imagen)",
        r"(?:s|o)?(?: credits?| courtesy| by| of| source)?\s*[:©]|(?:photo|image|illustration)s? (?:by|courtesy|via)\b|©)",
        r"|(?:getty images|shutterstock|reuters|ap photo|afp|unsplash|dpa)[\])]?\.?$"
    ))
});
static LEADING_CREDIT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^[\[(](?:image|photo|picture|illustration|screenshot|credit|bild|foto)s?(?: credits?| courtesy| by)?\s*[:©][^\])]*[\])]",
    )
});
/// Nothing but counts: a sentence that goes on with them stays.
static LEADING_COUNTS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^[0-9][0-9,.]* (?:point|vote|upvote)s?(?:,| \|| ·)? [0-9][0-9,.]* comments?(?:$|[.:](?:\s+|$)| [|·–—-](?:\s+|$))",
    )
});
static COOKIE: LazyLock<Regex> = LazyLock::new(|| pattern("(?i)cookie"));
static COOKIES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\bcookies?\b.*\b(?:consent|accept|agree|preferences|settings|privacy policy|your experience|akzeptieren|zustimm\w*)",
        r"|\b(?:we|this (?:site|website)) uses? cookies\b|\b(?:consent|accept|agree to|manage) (?:\w+ )*cookies\b",
        r"|\bverwende(?:n|t) (?:\w+ )?cookies\b"
    ))
});
static INVITATION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)^(?:advertisement|anzeige|sponsored|share this(?: (?:article|post|story))?|listen to this article.*",
        r"|skip to (?:main )?content|(?:please )?enable javascript.*",
        r"|(?:subscribe|sign up)(?: now| today| here)?(?: (?:to|for) [^.!]*)?[.!]?|\d+ min(?:ute)?s? read|loading(?:\.{3}|…)?)$"
    ))
});

/// Whether a platform put it beside the text. Classes of letters would make the pattern a large one.
fn is_of_platform(line: &str) -> bool {
    let said = line.trim_start_matches(|c: char| !c.is_alphabetic());
    PLATFORM.is_match(line) || SUBSCRIBE.is_match(said)
}

/// What cannot match does not have the pattern made: it is a large one.
fn is_labelled_link(line: &str) -> bool {
    (line.contains("://") || line.starts_with('#')) && LABELLED_LINK.is_match(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bylines_captions_and_notices_are_beside_the_text() {
        for beside in [
            "By Jane Doe",
            "by Jane Doe and John Roe | Nov 3, 2026",
            "Posted by Kim Poe on 3 November 2026",
            "Von Eva Muster",
            "Published: 3 Nov 2026, 10:00",
            "Image credit: Future",
            "(Photo by Somebody/Getty Images)",
            "Photo: A. Person",
            "A crowd in front of a shop. Getty Images",
            "We use cookies to improve your experience.",
            "By clicking accept you consent to our cookies and privacy policy.",
            "Wir verwenden Cookies, bitte akzeptieren Sie.",
            "Advertisement",
            "Sign up for our newsletter!",
            "5 min read",
            "Read more",
            "The post Some title appeared first on Some Site.",
        ] {
            assert!(is_beside_the_text(beside), "{beside}");
        }
        for text in [
            "By Monday the servers were back.",
            "By the end of the year it will be over.",
            "Image sensors are getting better.",
            "The cookies were baked in an oven that runs Linux.",
            "Photo sharing was never easier.",
            "Published work on this is rare, and what there is does not agree.",
            "Source code is available.",
            "Von neuen Modellen ist die Rede.",
            "Reuters reported the deal first, on Monday.",
        ] {
            assert!(!is_beside_the_text(text), "{text}");
        }
    }

    #[test]
    fn what_stands_behind_the_text_of_videos_newsletters_and_news_sites_goes() {
        let text = "The council approved a data centre. It will open in the spring.";
        for behind in [
            "SUBSCRIBE for more videos: https://video.example/c/x",
            "👉 Join our chat: https://chat.example/x",
            "Watch more: https://video.example/list",
            "#chips #data_centres, #news",
            "00:00 Intro 01:22 The news",
            "Follow us on our channel: https://x.example/us",
            "The Chip Letter is a reader-supported publication. To receive new posts and support my work, consider becoming a paid subscriber.",
            "Thanks for reading The Chip Letter! Subscribe for free to receive new posts.",
            "This is a free preview of a paid episode. To hear more, visit chips.example",
            "This post is for paying subscribers only",
            "Already have an account? Sign in",
            "Subscribe now",
            "Leave a comment",
            "Share",
            "Permalink | Comments",
            "Read full article Comments",
            "Read full article | Comments",
            "Click here to continue reading.",
            "Continue reading…",
            "Postingan Sebuah chip baru ditampilkan lebih awal di Situs.",
        ] {
            assert_eq!(without_boilerplate(&format!("{text} {behind}")), (text, false), "{behind}");
            assert!(is_beside_the_text(behind), "{behind}");
        }
        for stays in [
            "Share prices fell.",
            "A reader has to subscribe for it.",
            "It is at https://chips.example/ now.",
            "The whole text of our paper of this year is at last on https://chips.example/paper",
            "The #chips are down, they say.",
            "Follow the money.",
            "Sign in is by key.",
        ] {
            assert_eq!(without_boilerplate(&format!("{text} {stays}")).0, format!("{text} {stays}"));
        }
    }

    /// As WordPress and its most common plug-ins write it, by its translators.
    #[test]
    fn the_footer_of_wordpress_goes_in_all_its_languages() {
        for footer in [
            "The post A new chip: first look appeared first on The Site.",
            "The post A new chip? Really. appeared first on The Site.",
            "Der Beitrag Ein neuer Chip erschien zuerst auf Die Seite.",
            "L’article Une puce est apparu en premier sur Le Site.",
            "L'article Une puce est apparu en premier sur Le Site.",
            "L’article Une puce est apparu en premier sur Le Site.",
            "La entrada Un chip se publicó primero en El Sitio.",
            "La entrada Un chip apareció primero en El Sitio.",
            "La entrada Un chip aparece primero en El Sitio.",
            "L'articolo Un chip proviene da Il Sito.",
            "L’articolo Un chip sembra essere il primo su Il Sito.",
            "O post Um chip apareceu primeiro em O Site.",
            "O conteúdo Um chip aparece primeiro em O Site.",
            "O post Um chip aparece primeiro no O Site.",
            "Het bericht Een chip verscheen eerst op De Site.",
            "Het bericht Een chip verscheen eerst op De Site.",
            "Artykuł Nowy układ pochodzi z serwisu Strona.",
            "Post Nowy układ pojawił się poraz pierwszy w Strona.",
            "Сообщение Новый чип появились сначала на Сайт.",
            "Запись Новый чип впервые появилась Сайт.",
            "Запис Новий чип спершу з'явиться на Сайт.",
            "Запис Новий чип вперше з’явився на Сайт.",
            "Příspěvek Nový čip pochází z Stránka",
            "Příspěvek Nový čip se nejdříve objevil na Stránka.",
            "Príspevok Nový čip zobrazený najskôr Stránka.",
            "Článok Nový čip zobrazený najskôr Stránka.",
            "Inlägget En krets dök först upp på Sidan.",
            "Indlægget En chip blev først udgivet på Siden.",
            "Indlægget En chip blev vist første gang den Siden.",
            "Innlegget En brikke dukket først opp på Siden.",
            "Innlegget Ei brikke dukka fyrst opp på Sida.",
            "Artikkeli Siru julkaistiin ensimmäisen kerran Sivu.",
            "Artikkeli Siru ilmestyi ensimmäisenä Sivu.",
            "Yeni çip yazısı ilk önce Site üzerinde ortaya çıktı.",
            "The post Yeni çip first appeared on Site.",
            "Yeni çip ilk olarak Site sitesinde yayınlandı.",
            "Articolul Un cip apare prima dată în Site.",
            "A Új chip bejegyzés először Oldal-én jelent meg.",
            "A(z) Új chip először Oldal-én jelent meg.",
            "Το άρθρο Ένα τσιπ εμφανίστηκε πρώτα στο Σελίδα.",
            "L'entrada Un xip ha aparegut primer a Lloc.",
            "Публикацията Нов чип се появи първо на Сайт.",
            "Чланак Нови чип се појављује прво на Сајт.",
            "Чланак Нови чип се појавио први пут на Сајт.",
            "Objava Novi čip pojavila se prvi puta na Stranica.",
            "Prispevek Nov čip je bil prvič objavljen na Stran.",
            "Objava Nov čip se je pojavila na Stran.",
            "Objava Novi čip pojavila se prvo na Stranica.",
            "Artikel Chip baru pertama kali tampil pada Situs.",
            "Postingan Chip baru muncul pertama kali di Situs.",
            "Pos Cip baharu muncul dahulu di Laman.",
            "Bài viết Chip mới đã xuất hiện đầu tiên vào ngày Trang.",
            "Bài viết Chip mới xuất hiện lần đầu trên Trang.",
            "הפוסט שבב חדש הופיע לראשונה ב-אתר.",
            "نوشته تراشه اولین بار در سایت. پدیدار شد.",
            "نوشته تراشه اولین بار در سایت پدیدار شد.",
            "ظهرت المقالة شريحة أولاً على الموقع.",
            "ظهرت المقالة شريحة جديدة أولاً على الموقع.",
            "投稿 新しいチップ は サイト に最初に表示されました。",
            "새 칩 게시물이 사이트에 처음 등장했습니다.",
            "게시물 새 칩이 사이트에 처음 등장했습니다.",
            "新芯片最先出现在网站。",
            "〈新晶片〉這篇文章最早發佈於《網站》。",
            "〈新晶片〉文章首次出現於《網站》。",
            "โพสต์ ชิปใหม่ ปรากฏครั้งแรกบน เว็บไซต์",
            "Įrašas Naujas lustas pirmiausia pasirodė Svetainė.",
            "Ieraksts Jauns čips pirmo reizi parādījās Vietne.",
            "Postitus Uus kiip ilmus esmalt Leht.",
            "Færslan Ný flaga birtist fyrst á Síðan.",
            "Txip berria sarrera Gunea webgunean agertu zen lehenengo aldiz.",
            "A entrada Un chip apareceu primeiro en Sitio.",
            "Статијата Нов чип се појави прво на Сајт.",
            "Postimi Një çip u shfaq fillimisht në Faqja.",
            "Yeni çip ilk öncə Sayt saytında dərc olunub.",
            "पोस्ट नई चिप पहली बार साइट पर दिखाई दी।",
            "নতুন চিপ পোস্টটি প্রথম প্রকাশিত হয়েছে সাইট।",
            "புதிய சிப் முதலில் தோன்றியது தளம்.",
            "Die pos 'n Nuwe skyfie het eerste op Werf verskyn.",
            "Ymddangosodd Sglodyn ymddangosodd gyntaf ar Safle.",
        ] {
            let text = format!("Kuala ta mivi. Solu dena pak. {footer}");
            assert_eq!(without_boilerplate(&text).0, "Kuala ta mivi. Solu dena pak.", "{footer}");
        }
    }

    #[test]
    fn what_systems_append_goes_in_their_languages() {
        for appended in [
            "Artikkelen En brikke dukket opp først på Eksempel.",
            "Inlägget En krets dök först upp på Exempel.",
            "Indlægget En chip blev først udgivet på Eksempel.",
            "Artikkeli Siru julkaistiin ensimmäisen kerran Esimerkki.",
            "Wpis Nowy układ pojawił się po raz pierwszy w Przykład.",
            "Сообщение Новый чип появились сначала на Пример.",
            "Запис Новий чип спершу з'явиться на Приклад.",
            "Articolul Un cip apare prima dată în Exemplu.",
            "A(z) Új chip először Példa-én jelent meg.",
            "Το άρθρο Ένα τσιπ εμφανίστηκε πρώτα στο Παράδειγμα.",
            "L'entrada Un xip ha aparegut primer a Exemple.",
            "Публикацията Нов чип се появи първо на Пример.",
            "Príspevok Nový čip zobrazený najskôr Príklad.",
            "Postingan Cip baru pertama kali tampil pada Contoh.",
            "Bài viết Con chip mới đã xuất hiện đầu tiên vào ngày Ví dụ.",
            "הפוסט שבב חדש הופיע לראשונה ב-דוגמה.",
            "ظهرت المقالة شريحة جديدة أولاً على مثال.",
            "نوشته تراشه نو اولین بار در نمونه پدیدار شد.",
            "새 칩 글이 예제에 처음 등장했습니다.",
            "O post Um chip apareceu primeiro em Exemplo.",
            "L'articolo Un chip proviene da Esempio.",
            "Straipsnis Naujas lustas pirmą kartą paskelbtas Pavyzdys.",
            "Postitus Uus kiip ilmus esmalt Näidis.",
            "Objava Novi čip pojavila se prvi puta na Primjer.",
            "Der Beitrag Neuer Chip erschien zuerst auf Beispiel.",
            "L’article Une puce est apparu en premier sur Exemple.fr.",
            "La entrada Un chip se publicó primero en Ejemplo.",
            "Het bericht Een chip verscheen eerst op Voorbeeld.",
            "Příspěvek Nový čip pochází z Příklad",
            "X yazısı ilk önce Örnek üzerinde ortaya çıktı.",
            "新しいチップ は サンプル に最初に表示されました。",
            "新芯片最先出现在示例。",
            "A new chip was originally published in Example on Medium, where people are continuing the conversation by \
             highlighting and responding to this story.",
        ] {
            let text = format!("The chip is here. It is fast. {appended}");
            assert_eq!(without_boilerplate(&text).0, "The chip is here. It is fast.", "{appended}");
        }
        let kept = "The paper was originally written in May. It is good.";
        assert_eq!(without_boilerplate(kept).0, kept);
    }

    #[test]
    fn the_footer_goes_with_other_nouns_and_verbs_and_names_with_marks() {
        let text = "Kuala ta mivi. Solu dena pak.";
        for footer in [
            "Der Artikel Was ist neu? Chips! erschien zuerst auf Yahoo! Tech.",
            "Der Beitrag Chips wurde zuerst auf Die Seite veröffentlicht.",
            "Cet article Une puce est apparu en premier sur Le Site.",
            "L’article Une puce a été publié en premier sur Le Site.",
            "La publicación Un chip apareció primero en El Sitio.",
            "El artículo Un chip fue publicado primero en Oye! Chips.",
            "Il post Un chip è apparso per la prima volta su Il Sito.",
            "A matéria Um chip apareceu primeiro em O Site.",
            "Het artikel Een chip verscheen als eerste op De Site.",
            "Wpis Nowy układ pojawił się pierwszy raz na Strona.",
            "Статья Новый чип впервые опубликована на Сайт.",
            "Допис Новий чип вперше опубліковано на Сайт.",
            "Článek Nový čip byl nejprve publikován na Stránka.",
            "Artikeln En krets dök först upp på Sidan.",
            "Artiklen En chip blev først bragt på Siden.",
            "Innlegget En brikke ble først publisert på Siden.",
            "Artikkelin Siru julkaisi ensimmäisenä Sivu.",
            "Articolul Un cip a apărut prima dată în Site.",
            "The news A new chip appeared first on Hey! Site.",
            "This article A new chip was originally published on The Site.",
            "Публикацията Нов чип е публикувана за пръв път на Сайт.",
            "Objava Novi čip prvi put se pojavila na Stranica.",
            "Članak Novi čip je prvi put objavljen na Stranica.",
            "Το άρθρο Ένα τσιπ δημοσιεύτηκε πρώτα στο Σελίδα.",
            "Yeni çip yazısı ilk kez Site üzerinde göründü.",
            "A Új chip bejegyzés először Oldal! Tech-én jelent meg.",
            "Pranešimas Naujas lustas pirmiausia pasirodė Svetainė.",
            "Artikel Chip baru pertama kali tayang di Situs.",
            "Bài viết Chip mới được đăng lần đầu trên Trang.",
            "הפוסט שבב חדש פורסם לראשונה באתר.",
            "المقالة شريحة نشرت أولاً على الموقع.",
            "文章 新芯片 首发于 网站。",
        ] {
            let given = format!("{text} {footer}");
            assert_eq!(without_boilerplate(&given).0, text, "{footer}");
        }
        for sentence in [
            "Das Spiel erschien zuerst auf Konsolen.",
            "El fallo apareció por primera vez en 2019.",
            "Il difetto è apparso per la prima volta su Linux.",
            "A cég először Budapesten mutatta be az új gépet.",
            "Yeni model ilk olarak Avrupa'da satışa çıkacak.",
            "Смартфон впервые появился в продаже весной.",
            "De chip verscheen eerst op de markt in Azië.",
            "So stand es in der Post von gestern. Der Chip erschien zuerst auf Konsolen.",
        ] {
            let given = format!("{text} {sentence}");
            assert_eq!(without_boilerplate(&given), (&*given, false), "{sentence}");
        }
    }

    #[test]
    fn counts_of_forums_are_known_in_every_language() {
        for line in [
            "1 Beitrag - 1 Teilnehmer",
            "12 messages - 4 participant(e)s",
            "12 сообщений - 4 участника",
            "12 个帖子 - 4 位参与者",
            "게시글 12개 - 참여자 4명",
            "12 پست - 4 شرکت‌کننده",
        ] {
            assert!(is_count_of_posts(line), "{line}");
        }
        for line in [
            "It was 3 - 2 in the end.",
            "Version 2 - now with 3 of them!",
            "Chips - 3 of them",
            "Windows 11 - Update 2 is out",
            "1914 - 1918",
        ] {
            assert!(!is_count_of_posts(line), "{line}");
        }
    }

    #[test]
    fn marks_behind_a_sentence_belong_to_it() {
        for text in [
            "Il a lancé : « Nous ne céderons pas. »",
            "Le patron a répondu. « Pourquoi ce choix ? »",
            "他说：“我看。也会关注。”",
            "彼は言った。「これでいい。」",
            "You can find one here. ($$)",
            "Keep it simple. ;-)",
            "It is out at last! 🎉",
            "No more strange things. 😵\u{200d}💫",
            "🎉🎉",
        ] {
            assert_eq!(without_boilerplate(text), (text, false), "{text}");
            assert!(!is_beside_the_text(text), "{text}");
        }
        assert_eq!(without_boilerplate("It is of 1988. ↩\u{FE0E}").0, "It is of 1988.");
        for line in ["____", "* * *", "!!!", "━━━━", "+---+---+"] {
            assert!(is_beside_the_text(line), "{line}");
        }
    }

    /// Each of them costs a search.
    #[test]
    fn a_text_of_nothing_but_notices_loses_a_few() {
        for notice in ["文章首发于文章。", "The post A appeared first on B. ", "Read more. "] {
            let text = notice.repeat(1_000);
            let (rest, _) = without_boilerplate(&text);
            let gone = text.len() - rest.len();
            assert!((1..=2 * MOST_NOTICES * notice.len()).contains(&gone), "{gone} {notice}");
        }
    }

    #[test]
    fn what_was_published_first_is_not_always_the_post() {
        for text in [
            "The story of the worm begins in 1988. It spread. A full analysis was originally published on a list.",
            "The news comes after a deal. Analysts expected it. The paper was first published on arXiv in May.",
            "The news was first published on the blog of the company.",
            "The story of Doom is long. It first appeared on DOS.",
            "This piece of hardware is small. Its plans were published first on GitHub.",
            "小米公布了细节。这款处理器首发于小米手机。",
            "续作正在开发之中。该游戏首次发布于2018年。",
            "任天堂が発表した。このゲームはスイッチに最初に公開されました。",
            "삼성은 새로운 칩을 공개했다. 이 기능은 갤럭시에서 먼저 등장했습니다.",
        ] {
            assert_eq!(without_boilerplate(text), (text, false), "{text}");
        }
        let text = "Kuala ta mivi. Solu dena pak.";
        for footer in [
            "The story A new chip? Really! first appeared on The Site.",
            "The post Really? A new chip appeared first on The Site.",
            "The post The story of chips appeared first on The Site.",
            "This story was originally published on The Site.",
            "〈新晶片〉這篇文章首次發佈於《網站》。",
            "새 칩 게시물이 사이트에서 먼저 등장했습니다.",
            "記事 新しいチップ は サイト に最初に公開されました。",
        ] {
            assert_eq!(without_boilerplate(&format!("{text} {footer}")).0, text, "{footer}");
        }
    }

    #[test]
    fn what_lists_and_platforms_say_is_no_text() {
        for line in [
            "Article URL: https://a.example/1",
            "Comments URL: https://news.example/item?id=1",
            "Points: 12",
            "# Comments: 3",
            "submitted by /u/somebody [link] [comments]",
            "12 posts - 4 participants",
            "Read full topic",
            "Thanks for reading The Letter! Subscribe for free to receive new posts.",
            "Continue reading on Some Publication »",
            "0:00 Introduction",
            "Follow us on Mastodon",
            "submitted by joe to Technology",
            "Link URL: https://a.example/1",
            "Votes: 12",
            "Comments: 3",
            "____",
            "Give a gift subscription",
            "[1:12] The chip",
            "🔔 Subscribe to the channel and hit the bell!",
            "Merch ➡ https://shop.example/",
            "No spam. Unsubscribe anytime.",
        ] {
            assert!(is_beside_the_text(line), "{line}");
        }
        for tail in [
            "Article URL: https://a.example/1 Comments URL: https://n.example/2 Points: 5 # Comments: 0",
            "submitted by /u/somebody to r/rust [link] [comments]",
            "12 posts - 4 participants Read full topic",
            "58 points, 44 comments",
        ] {
            let text = format!("The chip is here. {tail}");
            assert_eq!(without_boilerplate(&text).0, "The chip is here.", "{tail}");
        }
        for line in ["2 cameras - 3 colours", "Submitted by Acme to the board"] {
            assert!(!is_beside_the_text(line), "{line}");
        }
        for kept in ["Points: a study of maps.", "Follow the money on the chain.", "It has 44 comments so far."] {
            assert_eq!(without_boilerplate(kept).0, kept);
        }
    }

    #[test]
    fn a_byline_in_front_goes() {
        let check = |text: &str, want: &str| assert_eq!(without_opening(text), want);
        check("By Jane Doe | The chip is here.", "The chip is here.");
        check("(Image credit: Future) By Jane Doe — It is here.", "It is here.");
        check("By New York, the train was full.", "By New York, the train was full.");
        check("Fine.", "Fine.");
        for counts in [
            "96 points, 31 comments.",
            "1 point | 0 comments |",
            "1,204 points · 310 comments —",
            "7 votes, 1 comment:",
        ] {
            check(&format!("{counts} The chip is here."), "The chip is here.");
            check(counts, "");
        }
        for kept in
            ["96 points, 31 comments later it was closed.", "31 comments. Nobody agreed.", "3 points: first, comments"]
        {
            check(kept, kept);
        }
    }
}
