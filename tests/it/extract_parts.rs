//! What stands within an article keeps its sense, and what stands beside it is left out.

use feedloom::{Choice, Page, read_page as read};
use url::Url;

const TITLE: &str = "City votes for data centre by the river";
const PROSE: [&str; 4] = [
    "The city council voted on Monday to open a new data centre beside the river, which would use waste heat to warm two \
     thousand homes in the old harbour district.",
    "Officials said that the building will need about forty megawatts at peak, and that the operator has promised to buy \
     power from wind farms off the northern coast for the next ten years.",
    "Residents who spoke at the meeting worried about noise from the cooling fans, and asked for a wall of trees between \
     the site and the school on Mill Lane.",
    "Work is due to begin in spring, and the first servers should be switched on before the end of next year, if the grid \
     company finishes its new line in time.",
];

fn paragraphs(texts: &[&str]) -> String {
    texts.iter().map(|text| format!("<p>{text}</p>")).collect()
}

/// HTML and text of the article of a page whose body is `body`.
#[track_caller]
fn read_body(body: &str) -> (String, String) {
    let url = Url::parse("https://times.example/news/data-centre").unwrap();
    let page = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>{TITLE}</title><body><header><nav><a href=/>Home</a> \
         <a href=/tech>Tech</a></nav></header>{body}<footer><p>© 2026 Times. <a href=/privacy>Privacy</a></p></footer>"
    );
    let article = read(&Page { url: &url, bytes: page.as_bytes(), headers: &[] }, &Choice::default()).unwrap();
    (article.html, article.text)
}

/// The HTML of the article in which `part` stands between the second paragraph and the third.
#[track_caller]
fn within(part: &str) -> String {
    let (before, after) = (paragraphs(&PROSE[..2]), paragraphs(&PROSE[2..]));
    let body = format!("<main><article><h1>{TITLE}</h1>{before}{part}{after}</article></main>");
    let (html, text) = read_body(&body);
    for prose in PROSE {
        assert!(text.contains(prose), "{prose} is missing with {part}");
    }
    let start = html.find(PROSE[1]).unwrap() + PROSE[1].len() + "</p>".len();
    let end = html.find(PROSE[2]).unwrap() - "<p>".len();
    html[start..end].to_owned()
}

#[test]
fn the_cells_of_a_table_stay_under_their_heads() {
    let check = |table: &str, want: &str| assert_eq!(within(&format!("<table>{table}</table>")), want, "{table}");
    let head = "<tr><th>Plan</th><th>Free</th><th>Pro</th></tr>";
    for empty in ["<td></td>", "<td>&nbsp;</td>", "<td> <!-- none --></td>", "<td><i class=icon-x></i></td>"] {
        check(
            &format!("{head}<tr><td>Seats</td>{empty}<td>5</td></tr><tr><td>Export</td><td>yes</td>{empty}</tr>"),
            &format!(
                "<table><tbody>{head}<tr><td>Seats</td><td></td><td>5</td></tr><tr><td>Export</td><td>yes</td><td></td>\
                 </tr></tbody></table>"
            ),
        );
    }
    check(
        "<tr><th></th><th>Free</th><th>Pro</th></tr><tr><td>Seats</td><td>1</td><td colspan=2></td></tr>",
        "<table><tbody><tr><th></th><th>Free</th><th>Pro</th></tr><tr><td>Seats</td><td>1</td><td colspan=\"2\"></td></tr>\
         </tbody></table>",
    );
    check(
        &format!("{head}<tr><td>Seats</td><td><img src=/check.svg alt=yes></td><td>5</td></tr>"),
        &format!(
            "<table><tbody>{head}<tr><td>Seats</td><td><img src=\"https://times.example/check.svg\" alt=\"yes\"></td>\
             <td>5</td></tr></tbody></table>"
        ),
    );
}

#[test]
fn a_row_without_text_takes_up_its_place_where_a_cell_reaches_into_it() {
    let head = "<tr><th>Plan</th><th>Free</th><th>Pro</th></tr>";
    let rows = "<tr><td rowspan=\"2\">a</td><td>1</td><td></td></tr><tr><td></td><td></td></tr>\
                <tr><td>b</td><td>2</td><td>3</td></tr>";
    let table = format!("<table><tbody>{head}{rows}</tbody></table>");
    assert_eq!(within(&table), table);
    let without = "<tr><td>a</td><td>1</td><td>2</td></tr><tr><td></td><td></td><td></td></tr>\
                   <tr><td>b</td><td>2</td><td>3</td></tr>";
    let html = within(&format!("<table><tbody>{head}{without}</tbody></table>"));
    assert!(!html.contains("<td></td>"), "{html}");
}

#[test]
fn lists_go_on_counting_where_the_page_does() {
    for (list, want) in [
        ("<ol start=5><li>First step</li><li>Second step</li></ol>", "<ol start=\"5\"><li>First step</li>"),
        ("<ol reversed><li>Second place</li><li>First place</li></ol>", "<ol start=\"2\" reversed><li>Second place"),
        ("<ol><li value=7>The seventh step</li><li>Next step</li></ol>", "<ol><li value=\"7\">The seventh step</li>"),
        ("<ol start=x><li>First step</li><li>Second step</li></ol>", "<ol><li>First step</li>"),
    ] {
        assert!(within(list).contains(want), "{list}: {}", within(list));
    }
    let picture = "<figure><img src=/p.jpg width=600 height=400></figure>";
    for (first, second, want) in [
        ("<ol><li value=7>", "<li>", "<ol start=\"8\"><li>Next step"),
        ("<ol reversed><li value=7>", "<li>", "<ol start=\"6\" reversed><li>Next step"),
        ("<ol start=3><li>", "<li>", "<ol start=\"4\"><li>Next step"),
    ] {
        let list = format!("{first}The first step {picture}</li>{second}Next step</li></ol>");
        assert!(within(&list).contains(want), "{list}: {}", within(&list));
    }
}

#[test]
fn formulas_are_read_once() {
    let katex = "<span class=katex><span class=katex-mathml><math><mi>E</mi><mo>=</mo><mi>m</mi></math></span>\
                 <span class=katex-html aria-hidden=true>E=m</span></span>";
    let alone = "<span class=katex><span class=katex-html>E=m</span></span>";
    let tex = "<script type='math/tex'>E=m</script>";
    let shown = "<span class=MathJax>E=m</span><script type='math/tex; mode=display'>E=m</script>";
    for formula in [katex, alone, tex, shown] {
        let html = within(&format!(
            "<p>Energy is {formula} as everybody knows since school and from the many posters on its walls.</p>"
        ));
        assert_eq!(html.matches("E=m").count(), 1, "{formula}: {html}");
        assert!(html.contains("Energy is E=m as everybody"), "{formula}: {html}");
    }
}

#[test]
fn players_leave_links_and_rules_divide() {
    for (player, address) in [
        ("<video src=/v.mp4 controls></video>", "https://times.example/v.mp4"),
        ("<figure><audio controls><source src=a.mp3></audio></figure>", "https://times.example/news/a.mp3"),
        ("<div><iframe src='https://www.youtube.com/embed/abc'></iframe></div>", "https://www.youtube.com/watch?v=abc"),
        ("<iframe data-src='//player.vimeo.com/video/7'></iframe>", "https://vimeo.com/7"),
    ] {
        assert!(within(player).contains(&format!("<a href=\"{address}\">")), "{player}: {}", within(player));
    }
    for frame in [
        "<iframe src='https://ads.example/embed/1' title='Advertisement' width=640 height=360></iframe>",
        "<iframe src='https://www.facebook.com/plugins/like.php?href=x'></iframe>",
        "<iframe hidden src='https://www.youtube.com/embed/abc'></iframe>",
        "<video></video>",
    ] {
        assert_eq!(within(frame), "", "{frame}");
    }
    assert_eq!(within("<hr>"), "<hr>");
    let (picture, player) = ("<figure><img src=/p.jpg width=600 height=400></figure>", "<video src=/v.mp4></video>");
    for parts in
        [[picture, "<hr>", player], ["<hr>", picture, player], [player, "<hr>", picture], [player, picture, "<hr>"]]
    {
        let html = within(&parts.concat());
        let place = |part: &str| {
            html.find(if part == picture {
                "<img"
            } else if part == player {
                "v.mp4"
            } else {
                "<hr>"
            })
        };
        let places = parts.map(|part| place(part).unwrap_or_else(|| panic!("{part}: {html}")));
        assert!(places.is_sorted(), "{parts:?}: {html}");
    }
    assert_eq!(within("<div><hr></div>"), "<hr>");
}

#[test]
fn code_and_quotes_are_kept_whole() {
    let line = "<pre><code>cargo run</code></pre>";
    for code in [
        line.to_owned(),
        format!("<div><button>Copy</button>{line}</div>"),
        format!(
            "<div class=highlight>{line}<div class=zeroclipboard-container><clipboard-copy>Copy</clipboard-copy></div></div>"
        ),
        format!("<div class=code-block><div class=filename>run.sh</div>{line}</div>"),
        format!(
            "<div class=a><div class=title>a.sh</div><div class=b>{line}<div><button>Copy</button></div></div></div>"
        ),
        "<pre><button>Copy</button><code>cargo run</code></pre>".to_owned(),
    ] {
        let html = within(&code);
        assert!(html.contains("<pre><code>cargo run</code></pre>") && !html.contains("Copy"), "{code}: {html}");
    }
    for (quote, parts) in [
        (
            "<blockquote class=twitter-tweet><p>We voted yes tonight. It was close.</p>— Ann (@ann) <a \
             href='https://t.example/1'>Nov 2</a></blockquote>",
            ["We voted yes tonight", "Ann (@ann)"],
        ),
        ("<blockquote><p>No.</p><footer>Ann Mayor</footer></blockquote>", ["No.", "Ann Mayor"]),
        ("<blockquote><p>Yes.</p><p>In spring.</p></blockquote>", ["Yes.", "In spring."]),
    ] {
        assert!(parts.iter().all(|part| within(quote).contains(part)), "{quote}: {}", within(quote));
    }
}

/// The text of the article on a page that has `before` and `after` around it, and `inside` at its end.
#[track_caller]
fn text_beside(before: &str, inside: &str, after: &str) -> String {
    let article = format!("<article><h1>{TITLE}</h1>{}{inside}</article>", paragraphs(&PROSE));
    let (_, text) = read_body(&format!("{before}<main>{article}{after}</main>"));
    for prose in PROSE {
        assert!(text.contains(prose), "{prose} is missing with {before}{inside}{after}");
    }
    text
}

const OTHER: [&str; 3] = [
    "Our football match report: the home side scored twice in the second half and kept the ball for long spells while the \
     visitors ran out of ideas and legs.",
    "The coach said after the football match that he was proud of the young players, who had trained all week in the rain \
     without a word of complaint.",
    "The next football match is on Saturday against the leaders of the table, and tickets for the away end have sold out \
     within an hour.",
];

#[test]
fn the_next_story_is_left_out_however_it_begins() {
    let others = paragraphs(&OTHER);
    for after in [
        format!("<article><h2>Home side wins again</h2>{others}</article>"),
        format!("<article><h2><a href=/news/match>Home side wins again</a></h2>{others}</article>"),
        format!("<div>Up next</div><article><h2>Home side wins again</h2>{others}</article>"),
        format!("<div><div><article><h2>Home side wins again</h2>{others}</article></div></div>"),
        format!("<section aria-label='Next story'><h2>Home side wins again</h2>{others}</section>"),
    ] {
        assert!(!text_beside("", "", &after).contains("football"), "{after}");
    }
    let nested = format!("<article class=next><h2>Home side wins again</h2>{others}</article>");
    assert!(!text_beside("", &nested, "").contains("football"));
    for (open, heading) in [
        ("<div class=story>", "h1"),
        ("<div class=story>", "h2"),
        ("<div itemscope itemtype='https://schema.org/NewsArticle'>", "h1"),
    ] {
        let story = |title: &str, texts: &[&str]| {
            format!("{open}<{heading} itemprop=headline>{title}</{heading}>{}</div>", paragraphs(texts))
        };
        let (_, text) = read_body(&format!("<main>{}{}</main>", story(TITLE, &PROSE), story("Home side wins", &OTHER)));
        assert!(text.contains(PROSE[3]) && !text.contains("football"), "{open} {heading}: {text}");
    }
}

#[test]
fn the_sections_of_an_article_are_no_next_stories() {
    let prose = paragraphs(&PROSE[..2]);
    for part in [
        format!("<section><h2>What comes next</h2>{}</section>", paragraphs(&OTHER)),
        format!("<div class=section><h2>What comes next</h2>{}</div>", paragraphs(&OTHER)),
        format!("<article class=live-entry><h2>What comes next</h2>{}</article>", paragraphs(&OTHER)),
        format!("<div class=entry><h2>What comes next</h2>{}</div>", paragraphs(&OTHER)),
    ] {
        let outer =
            format!("<div class=story><div class=entry><h2>{TITLE}</h2>{}</div>{part}</div>", paragraphs(&PROSE));
        let beside = format!("<div class=entry><h1>{TITLE}</h1>{}</div>{part}", paragraphs(&PROSE));
        for body in [outer, beside] {
            let (_, text) = read_body(&format!("<main>{body}</main>"));
            assert!(text.contains(OTHER[1]), "{body}: {text}");
        }
        let (_, text) = read_body(&format!("<main><div class=post><h1>{TITLE}</h1>{prose}{part}</div></main>"));
        assert!(text.contains(OTHER[1]), "{part}: {text}");
    }
}

#[test]
fn a_box_that_asks_for_consent_goes_as_a_whole() {
    let first = "We and our 143 partners store and access information on a device, such as cookies, and process personal \
                 data for personalised ads and content.";
    let second = "You may click to consent to our and our partners' processing as described above. Alternatively you may \
                  refuse to consent or access more detailed information.";
    for open in [
        "div class=qc-cmp2-container",
        "div id=sp_message_container_1",
        "div id=CybotCookiebotDialog",
        "div class=modal",
        "div role=alertdialog",
        "dialog open",
        "div",
    ] {
        let name = open.split(' ').next().unwrap();
        let asks = format!("<{open}><h2>We value your privacy</h2><p>{first}</p><p>{second}</p></{name}>");
        for text in [text_beside(&asks, "", ""), text_beside("", &asks, ""), text_beside("", "", &asks)] {
            assert!(!text.contains("143 partners") && !text.contains("refuse to consent"), "{open}: {text}");
        }
    }
    for asks in [
        "当サイトでは、利便性向上や閲覧の追跡のためにCookieを使用しています。続けて閲覧すると、Cookieの使用に同意したものとみなします。",
        "Biz ve 812 ortağımız, cihazınızda çerezler gibi bilgileri saklıyor; kişiselleştirilmiş reklamlar için onayınızla kişisel verileri işliyoruz.",
        "Mit dem Klick auf den Knopf willigen Sie ein, dass Cookies gesetzt werden und dass wir sehen, was Sie lesen.",
    ] {
        assert!(!text_beside("", &format!("<p>{asks}</p>"), "").contains(asks), "{asks}");
    }
}

#[test]
fn readers_comments_are_left_out_by_many_names() {
    let texts = [
        "I walked past the site and it is the loudest part of town already, so good luck to the school and to the people.",
        "My neighbour works there and he says that it is fine at night, when the fans are turned down and the doors shut.",
    ];
    let both = paragraphs(&texts);
    for comments in [
        format!("<div class=comments__list>{both}</div>"),
        format!("<div class=CommentThread_root__x1>{both}</div>"),
        format!("<div class=post-comments>{both}</div>"),
        format!("<div class=reader-comments>{both}</div>"),
        format!("<x-comment-tree>{both}</x-comment-tree>"),
        format!("<section aria-label=Comments>{both}</section>"),
        format!("<div class='h-cite u-comment'>{both}</div>"),
        format!("<h2>2 Comments</h2><div>{both}</div>"),
        format!("<h3>2 thoughts on “{TITLE}”</h3><ol><li>{both}</li></ol>"),
        format!("<h3>Kommentare (2)</h3><div>{both}</div>"),
    ] {
        let text = text_beside("", &comments, "");
        assert!(!text.contains("loudest") && !text.contains("neighbour"), "{comments}: {text}");
    }
    for heading in ["3 responses to climate change", "2 comments on the law", "2 replies to those who doubt it"] {
        let text = text_beside("", &format!("<h2>{heading}</h2>{both}"), "");
        assert!(text.contains("loudest") && text.contains("neighbour"), "{heading}: {text}");
    }
}

#[test]
fn offers_are_left_out_in_several_languages() {
    for offer in [
        "<div><h3>Read the rest</h3><p>Get unlimited access to all articles for 4 euros a month and cancel whenever you \
         like. Students pay half.</p></div>",
        "<div><p>Only $1 for 4 weeks.</p><p>Then $75 per month. Complete digital access. Cancel anytime during your \
         trial, students pay half.</p></div>",
        "<div class=abo-box><p>Lesen Sie alle Artikel 30 Tage für 1 Euro, danach 9,99 Euro im Monat. students pay \
         half.</p></div>",
        "<p>Dieser Artikel ist exklusiv für Abonnenten. Jetzt 4 Wochen für 1 Euro testen. Students pay half.</p>",
        "<p>Cet article est réservé aux abonnés. Abonnez-vous pour 1 € le premier mois. Students pay half.</p>",
        "<p>Este contenido es exclusivo para suscriptores. Suscríbete por 1 euro al mes. Students pay half.</p>",
        "<p>Questo contenuto è riservato agli abbonati. Abbonati a 1 euro al mese. Students pay half.</p>",
        "<p>This post is for paid subscribers only – students pay half.</p>",
        "<p>This story is reserved for members – students pay half.</p>",
        "<p>Register for free to continue reading. You can read 3 articles a month. Students pay half.</p>",
        "<p>Become a member to unlock this post, and 120 others that only members can read. Students pay half.</p>",
        "<p>You have 2 free articles left this month. Subscribe for full access. Students pay half.</p>",
    ] {
        let text = text_beside("", offer, "");
        assert!(!text.to_lowercase().contains("students pay half"), "{offer}: {text}");
    }
    for prose in [
        "Only 4 weeks of work are left, the builders said, and then the hall opens to members who pay a small sum.",
        "Become a member of the club and you may row on the lake, he told his son, who had no wish to row at all.",
        "The post is reserved for members of the ruling party, and has been since the war, to the regret of many.",
        "Just $2 a day is what most of the families in the valley live on, and the newsletter of the mill says so.",
        "The article is for readers who know the law and want to know what changed in it since the last election.",
    ] {
        assert!(within(&format!("<p>{prose}</p>")).contains(prose), "{prose}");
    }
}

#[test]
fn the_headline_and_the_day_are_not_said_again_before_the_text() {
    for line in [TITLE, "Updated 3 hours ago", "Posted on November 2, 2026 by admin in Uncategorized"] {
        let body = format!("<main><article><h1>{TITLE}</h1><p>{line}</p>{}</article></main>", paragraphs(&PROSE));
        let (html, text) = read_body(&body);
        assert!(!text.contains(line) && html.starts_with("<p>The city council"), "{line}: {text}");
    }
}
