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
