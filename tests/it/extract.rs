//! The page behind an entry, made into an article: what is read, and what bad pages cannot do.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use feedloom::{ArticleError, Choice, Look, Page, Selector, Way, look, read_page as read};
use proptest::prelude::*;
use url::Url;

const HARBOUR: &str = include_str!("../fixtures/article/harbour.html");

fn seen(bytes: &[u8], choice: &Choice<'_>) -> Result<Look, ArticleError> {
    let url = Url::parse("https://tidepost.example/2026/11/harbour-cranes?utm=1").unwrap();
    look(&Page { url: &url, bytes, headers: &[] }, choice)
}

fn harbour(choice: &Choice<'_>) -> Look {
    seen(HARBOUR.as_bytes(), choice).unwrap()
}

#[test]
fn a_page_says_what_its_article_is() {
    let article = harbour(&Choice::default()).article;
    assert_eq!(article.title.as_deref(), Some("Harbour cranes learn to share one battery"));
    assert_eq!(article.byline.as_deref(), Some("Ilse Varga, Tom Reyes"));
    assert_eq!(article.site.as_deref(), Some("The Tide Post"));
    assert_eq!(article.published.unwrap().to_string(), "2026-11-03T08:30:00Z");
    assert_eq!(article.language.as_deref(), Some("en-GB"));
    assert_eq!(article.canonical.unwrap().as_str(), "https://tidepost.example/2026/11/harbour-cranes");
    assert_eq!(article.image.unwrap().as_str(), "https://tidepost.example/img/cranes.jpg");
    assert!(article.description.unwrap().starts_with("Six cranes at Oldhaven"));
}

#[test]
fn a_page_says_what_may_be_done_with_it() {
    let url = Url::parse("https://tidepost.example/x").unwrap();
    let headers = [
        ("x-robots-tag".to_owned(), b"nosnippet".to_vec()),
        ("x-robots-tag".to_owned(), b"otherbot: none".to_vec()),
        ("link".to_owned(), b"</more.xml>; rel=\"license\"; type=\"application/rsl+xml\"".to_vec()),
    ];
    let page = Page { url: &url, bytes: HARBOUR.as_bytes(), headers: &headers };
    let rights = read(&page, &Choice::default()).unwrap().rights;
    assert_eq!(rights.robots, ["nosnippet", "noarchive", "max-snippet:120"]);
    assert_eq!((rights.is_free, rights.tdm_reservation), (Some(false), Some(true)));
    assert_eq!(
        rights.licenses.iter().map(Url::as_str).collect::<Vec<_>>(),
        ["https://creativecommons.org/licenses/by/4.0/"]
    );
    let rsl: Vec<&str> = rights.rsl.iter().map(Url::as_str).collect();
    assert_eq!(rsl, ["https://tidepost.example/more.xml", "https://tidepost.example/rsl.xml"]);
}

#[test]
fn the_body_is_the_article_with_its_markup() {
    let look = harbour(&Choice::default());
    let (html, text) = (look.article.html, look.article.text);
    for kept in
        ["Six cranes at the port", "What it saves", "Other ports have asked", "One battery of two megawatt hours"]
    {
        assert!(text.contains(kept), "{kept} is missing in {text}");
    }
    for dropped in ["cookies", "Ferries go quiet", "Subscribe", "Copyright", "Ports", "document.write"] {
        assert!(!text.contains(dropped) && !html.contains(dropped), "{dropped} was kept");
    }
    for markup in [
        "<h2>What it saves</h2>",
        "<a href=\"https://tidepost.example/glossary#schedule\">schedule</a>",
        "<em>lower</em>",
        "<ul><li>One battery",
        "<blockquote><p>We expected queues",
        "<figure><img src=\"https://tidepost.example/img/cranes-wide.jpg\" alt=\"Six cranes in a row\">",
        "<figcaption>The cranes at dusk. Photo: Mira Holt</figcaption></figure>",
        "<pre><code>if load.falls() {\n    give(load.energy());\n}</code></pre>",
    ] {
        assert!(html.contains(markup), "{markup} is missing in {html}");
    }
    for gone in ["onerror", "onclick", "alert", "class="] {
        assert!(!html.contains(gone), "{gone} was kept");
    }
}

#[test]
fn code_keeps_its_lines_however_they_are_marked() {
    let prose = "<p>The council met in the old hall and voted for the new bridge over the river, again and again.</p>";
    for code in [
        r#"<div class="highlight"><div class="code"><div class="line">if a {</div><div class="line">    b();</div><div class="line">}</div></div></div>"#,
        r#"<div class="crayon-pre"><div class="crayon-line"><span>if a {</span></div> <div class="crayon-line">    b();</div><div class="crayon-line">}</div></div>"#,
        r#"<pre><div class="line">if a {</div><div class="line">    b();</div><div class="line">}</div></pre>"#,
        r#"<div class="view-lines"><div class="view-line x">if a {</div><div class="view-line">    b();</div><div class="view-line">}</div></div>"#,
    ] {
        let page = format!("<title>The bridge</title><article>{}{code}{}</article>", prose.repeat(4), prose.repeat(4));
        let html = seen(page.as_bytes(), &Choice::default()).unwrap().article.html;
        assert!(html.contains("<pre>if a {\n    b();\n}</pre>"), "{code} became {html}");
    }
    let bylines = r#"<div><div class="line">By A. B.</div> and <div class="line">C. D.</div></div>"#;
    let page = format!("<title>The bridge</title><article>{}{bylines}{}</article>", prose.repeat(4), prose.repeat(4));
    assert!(!seen(page.as_bytes(), &Choice::default()).unwrap().article.html.contains("<pre>"));
}

/// An article with `before` its text, `amid` it, and `after` the whole.
fn article_with(before: &str, amid: &str, after: &str) -> String {
    let paragraphs = [
        "The lighthouse at Carrick will be lit by the sun alone from spring on, the harbour board said on Monday.",
        "Engineers laid forty panels on the south wall, which make more power in a day than the lamp needs in two.",
        "Two batteries from a retired ferry keep the lamp lit through the longest nights of the winter months.",
        "The old generator stays in its shed for another year, in case the fog hides the sun for a whole week.",
    ]
    .map(|text| format!("<p>{text}</p>"));
    let [first, second, third, fourth] = &paragraphs;
    format!(
        "<!doctype html><title>Lighthouse goes solar</title><body><nav><a href=/>Home</a></nav><main>\
         <article data-url=/2026/11/harbour-cranes><h1>Lighthouse goes solar</h1>{before}{first}{second}{amid}{third}{fourth}</article>\
         {after}</main>"
    )
}

#[track_caller]
fn text_with(before: &str, amid: &str, after: &str) -> Look {
    let look = seen(article_with(before, amid, after).as_bytes(), &Choice::default()).unwrap();
    assert!(look.article.text.contains("lit by the sun alone") && look.article.text.contains("a whole week"));
    look
}

#[test]
fn an_article_that_a_script_puts_in_its_place_is_read_without_it() {
    let article = article_with("", "", "");
    let main = &article[article.find("<main>").unwrap()..];
    let notice = "<div><p>We use cookies. Manage cookie policy, accept all or reject.</p></div>";
    for body in [
        format!(
            "<!--$?--><template id=\"B:0\"></template><p>Loading…</p><!--/$--><footer>{notice}</footer><div hidden id=\"S:0\">{main}</div><script>$RC(\"B:0\",\"S:0\")</script>"
        ),
        format!(
            "<template id=\"B:1\"></template>{notice}<div hidden id=\"S:4\">{main}</div><script>$RC(\"B:1\",\"S:4\")</script>"
        ),
        format!(
            "<noscript>Please enable JavaScript</noscript>{notice}<template></template><div hidden id=\"S:a\">{main}</div>"
        ),
        format!("<x-story><template shadowrootmode=\"open\">{main}</template></x-story>{notice}"),
    ] {
        let look =
            seen(format!("<title>Lighthouse goes solar</title><body>{body}").as_bytes(), &Choice::default()).unwrap();
        let text = &look.article.text;
        assert_eq!((text.split("\n\n").count(), text.contains("Loading")), (4, false), "{body}: {text}");
    }
}

#[test]
fn a_page_that_hides_itself_until_its_scripts_run_is_read() {
    for body in ["<body style=\"visibility: hidden\">", "<body style='display:none'>", "<body hidden>"] {
        let page = article_with("", "", "").replace("<body>", body);
        let look = seen(page.as_bytes(), &Choice::default()).unwrap();
        assert!(look.article.text.contains("lit by the sun alone"), "{body}: {}", look.article.text);
    }
}

#[test]
fn what_stands_beside_an_article_is_no_part_of_it() {
    for amid in [
        "<div class=x><p>Sign up to Harbour Lights, our free daily newsletter, and read it every morning at seven.</p></div>",
        "<div><p>Inscrivez-vous à notre newsletter et recevez chaque matin le meilleur de l’actualité du port.</p></div>",
        "<p><a href=/y>SEE ALSO: The ferry line is sold</a></p>",
        "<p>Lee también: <a href=/y>La línea de ferry se vende a inversores</a></p>",
        "<div class=box><p>My i nasi 455 partnerzy przechowujemy informacje na urządzeniu, takie jak pliki cookie.</p></div>",
        "<section><p>Utilizamos cookies propias y de terceros para mostrarte publicidad según tus hábitos.</p></section>",
    ] {
        let look = text_with("", amid, "");
        assert_eq!(look.article.text.split("\n\n").count(), 4, "{amid}: {}", look.article.text);
    }
}

#[test]
fn an_invitation_among_other_items_of_a_list_belongs_to_it() {
    for items in [
        "<li>Sign up for a ticket account for $11.99 a month.</li><li>Take the ferry to the island at nine.</li>",
        "<li><p>Walk to the pier.</p></li><li><p>Subscribe to the tide list with the same e-mail address.</p></li>",
    ] {
        let look = text_with("", &format!("<ul>{items}</ul>"), "");
        assert_eq!(look.article.text.split("\n\n").count(), 6, "{items}: {}", look.article.text);
    }
    let invitations = "<ul><li>Sign up to our daily newsletter, every morning at seven.</li><li>Follow us on Facebook and Instagram, too.</li></ul>";
    let look = text_with("", invitations, "");
    assert_eq!(look.article.text.split("\n\n").count(), 4, "{}", look.article.text);
}

#[test]
fn an_article_under_another_address_is_no_next_story() {
    let article = article_with("", "", "");
    for open in [
        "<article data-permalink=/2026/solar><h2><a href=/2026/solar rel=bookmark>Solar</a></h2>",
        "<div class=post><h2><a href=/2026/solar rel=bookmark>Solar</a></h2>",
        "<section><meta itemprop=mainEntityOfPage content=https://tidepost.example/2026/solar>",
    ] {
        let close = open[1..].split([' ', '>']).next().unwrap();
        let text = &article[article.find("</h1>").unwrap() + 5..article.find("</article>").unwrap()];
        let page = format!("<title>Lighthouse goes solar</title><h1>Lighthouse goes solar</h1>{open}{text}</{close}>");
        let look = seen(page.as_bytes(), &Choice::default()).unwrap();
        assert!(look.article.text.contains("lit by the sun alone"), "{open}: {}", look.article.text);
    }
}

#[test]
fn the_next_story_of_an_endless_page_is_another_page() {
    let story = "<p>The rowing match between the two clubs ended in a draw on Sunday after a long delay caused by fog.</p>\
                 <p>Crews had to wait for two hours before they could start, and many went home before the second race.</p>";
    for after in [
        format!(
            "<div class=post><h2 class=entry-title><a href=/2026/match rel=bookmark>A draw</a></h2><div>{story}</div></div>"
        ),
        format!(
            "<section><meta itemprop=mainEntityOfPage content=https://tidepost.example/2026/match><h2>A draw</h2>{story}</section>"
        ),
        format!("<article data-permalink=/2026/match><h1>Rowers draw in the fog</h1>{story}</article>"),
    ] {
        let look = text_with("", "", &after);
        assert!(!look.article.text.contains("rowing match"), "{after}: {}", look.article.text);
    }
}

#[test]
fn the_head_of_an_article_is_not_repeated_in_its_body() {
    for before in [
        "<p>By Ilse Varga and Tom Reyes, Staff Writers</p>",
        "<p>Text: Ilse Varga, Fotos: Tom Reyes</p>",
        "<p>4 Minuten Lesezeit</p>",
        "<p class=author>ILSE VARGA | Tide Staff</p>",
    ] {
        let before = format!("<meta name=author content='Ilse Varga'>{before}");
        let look = text_with(&before, "", "");
        assert!(look.article.text.starts_with("The lighthouse"), "{before}: {}", look.article.text);
    }
}

#[test]
fn the_lead_picture_may_stand_before_the_article() {
    let page = article_with("", "", "");
    let with = |piece: &str| {
        let page = page.replace("<main>", &format!("{piece}<main>"));
        seen(page.as_bytes(), &Choice::default()).unwrap().article.image.map(String::from)
    };
    let lead = Some("https://tidepost.example/i/lamp.jpg".to_owned());
    assert_eq!(with("<div class=hero><img src=/i/lamp.jpg></div>"), lead);
    assert_eq!(with("<figure class='featured-image'><img src=/i/lamp.jpg></figure>"), lead);
    assert_eq!(with("<div class=wrap><img class=wp-post-image src=/i/lamp.jpg></div>"), lead);
    assert_eq!(with("<header><img src=/i/masthead.jpg></header>"), None);
    assert_eq!(with("<nav class=hero><img src=/i/lamp.jpg></nav>"), None);
}

#[test]
fn numbers_of_lines_within_code_are_no_code() {
    let code = "<pre><code><span class=line><span class=ln>1</span><span class=cl>let a = 1;\n</span></span>\
                <span class=line><span class=ln>2</span><span class=cl>let b = 2;\n</span></span></code></pre>";
    let look = text_with("", code, "");
    assert!(look.article.html.contains("let a = 1;\nlet b = 2;"), "{}", look.article.html);
}

#[test]
fn a_formula_of_a_page_keeps_its_sense() {
    let formula = "<p>The lamp needs <math><mfrac><mi>P</mi><mn>2</mn></mfrac><msup><mi>t</mi><mn>2</mn></msup></math> of the power, no more than that.</p>";
    let look = text_with("", formula, "");
    assert!(look.article.text.contains("P/2t^2"), "{}", look.article.text);
}

#[test]
fn select_and_remove_decide_and_a_select_that_finds_nothing_falls_back() {
    let css = |text: &str| Selector::new(text).unwrap();
    let (aside, table) = (css("aside.related"), [css("table, pre"), css("blockquote")]);
    let (body, nothing) = (css(".article-body"), css(".story-text"));
    let selected = harbour(&Choice { select: Some(&body), remove: &table });
    assert_eq!(selected.way, Way::Selected);
    assert!(selected.article.text.contains("Other ports") && !selected.article.text.contains("load.falls"));
    assert!(!selected.article.text.contains("We expected queues"));
    // A selection of little text is not believed where the page has much more.
    for select in [&aside, &nothing] {
        let look = harbour(&Choice { select: Some(select), remove: &[] });
        assert_eq!(look.way, Way::SelectedNothing);
        assert!(look.article.text.contains("Six cranes at the port"));
    }
}

#[test]
fn every_encoding_is_read() {
    let page =
        |charset: &str| format!("<meta charset={charset}><title>Grüße aus Köln</title><p>Übermäßig schöne Grüße.</p>");
    let latin: Vec<u8> = page("iso-8859-1").chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let wide: Vec<u8> =
        [0xFF, 0xFE].into_iter().chain(page("utf-16").encode_utf16().flat_map(u16::to_le_bytes)).collect();
    for bytes in [page("utf-8").into_bytes(), page("iso-8859-1").into_bytes(), latin, wide] {
        let look = seen(&bytes, &Choice::default()).unwrap();
        assert_eq!(look.article.title.as_deref(), Some("Grüße aus Köln"), "{}", look.encoding);
    }
}

#[test]
fn what_is_no_page_is_an_error_that_says_so() {
    let refused = |bytes: &[u8]| seen(bytes, &Choice::default()).map(|look| look.article).unwrap_err().to_string();
    assert_eq!(refused(b""), "the page is empty");
    assert_eq!(refused(b" \r\n\t"), "the page is empty");
    assert_eq!(refused(b"<html><body><div></div></body></html>"), "the page holds no text");
    assert_eq!(refused(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0"), "the page is binary data, not HTML");
    assert_eq!(refused(b"%PDF-1.7 ..."), "the page is binary data, not HTML");
    assert!(refused(&vec![b'x'; 20 << 20]).starts_with("the page has 20971520 bytes"));
    let url = Url::parse("https://e.example/x").unwrap();
    let headers = [("content-type".to_owned(), b"image/jpeg".to_vec())];
    let page = Page { url: &url, bytes: b"<p>x", headers: &headers };
    assert_eq!(read(&page, &Choice::default()).unwrap_err().to_string(), "the page is image/jpeg, not HTML");
}

/// T63: pages that would cost a tree gigabytes or hours give their text alone; all of them are quick.
#[test]
fn bombs_cost_little() {
    let page = |body: String| format!("<title>T</title><meta name=author content='A. Uthor'><p>Some text.</p>{body}");
    let bombs = [
        page("<div>".repeat(50_000)),
        page("<p><b title=i>x".repeat(10_000)),
        page("<a href=i><div>".repeat(20_000)),
        page("<table><tr><td>".repeat(20_000)),
        page("<br>x".repeat(200_000)),
        page(format!("<p {}>", (0..200_000).map(|at| format!("a{at}=1 ")).collect::<String>())),
        page(format!("<p>{}</p>", "word ".repeat(800_000))),
    ];
    for bomb in &bombs {
        let start = Instant::now();
        let look = seen(bomb.as_bytes(), &Choice::default()).unwrap();
        assert!(matches!(look.way, Way::TextAlone { .. }), "{}", &bomb[80..100]);
        assert!(look.article.text.contains("Some text.") && look.article.text.len() <= 256 * 1024);
        assert_eq!((look.article.title.as_deref(), look.article.byline.as_deref()), (Some("T"), Some("A. Uthor")));
        // Generous: the tests of a debug build share the machine.
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    }
}

/// What stays within the limits gets a tree, and is quick all the same.
#[test]
fn the_largest_pages_that_get_a_tree_are_read_in_time() {
    let nested = format!("{}deep{}", "<div>".repeat(900), "</div>".repeat(900));
    let pages = [
        "<div><p>A sentence, of some length, that stands here.</p>".repeat(900),
        "<p>A sentence, of some length, that <b>stands</b> here. ".repeat(8_000),
        format!("<table>{}</table>", "<tr><td>a<td>b".repeat(8_000)),
        nested.repeat(10),
        format!("{}{}", nested.repeat(8), "<template id=B:1></template><div hidden id=S:1>x</div>".repeat(4_000)),
        "<template id=\"B:0\"></template><i>x</i>".repeat(6_000),
        format!("{}{}", "<div hidden id=S:1>".repeat(900), "<template id=B:1></template>".repeat(8_000)),
    ];
    for page in &pages {
        let start = Instant::now();
        let look = seen(format!("<title>T</title>{page}").as_bytes(), &Choice::default()).unwrap();
        assert!(!matches!(look.way, Way::TextAlone { .. }));
        assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    }
}

#[test]
fn broken_and_huge_json_ld_takes_nothing_away() {
    for json in [
        "{\"@type\":",
        "[[[[[",
        &"[".repeat(5 << 20),
        &format!("{{\"x\":\"{}\"}}", "y".repeat(5 << 20)),
        &format!("[{}0]", "{\"x\":0},".repeat(100_000)),
        "null",
        "\"x\"",
    ] {
        let page = HARBOUR
            .replace("{\"@context\"", &format!("{json}</script><script type=application/ld+json>{{\"@context\""));
        let article = seen(page.as_bytes(), &Choice::default()).unwrap().article;
        assert_eq!(article.byline.as_deref(), Some("Ilse Varga, Tom Reyes"));
    }
}

#[test]
fn a_page_that_needs_scripts_gives_what_json_ld_tells() {
    let told = "A long sentence of the article that only a script would show.\\n".repeat(20);
    let page = format!(
        "<title>T</title><script type=application/ld+json>{{\"@type\":\"Article\",\"articleBody\":\"{told}\"}}</script><div id=app>Loading</div>"
    );
    let look = seen(page.as_bytes(), &Choice::default()).unwrap();
    assert_eq!(look.way, Way::JsonLd);
    assert!(look.article.html.starts_with("<p>A long sentence of the article that only a script would show.</p><p>"));
}

#[test]
fn the_command_shows_what_each_step_found() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/article/harbour.html");
    let say = |words: &[&str]| {
        let output =
            Command::new(env!("CARGO_BIN_EXE_feedloom")).arg("inspect").arg("--article").args(words).output().unwrap();
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap(), output.status.code())
    };
    let (shown, _, code) = say(&[file, "--url", "https://tidepost.example/2026/11/x"]);
    assert_eq!(code, Some(0));
    for line in ["byline      Ilse Varga, Tom Reyes", "  title       json-ld", "- 0.", "+ 0.", "chosen block by block"]
    {
        assert!(shown.contains(line), "{line} is missing in\n{shown}");
    }
    let (json, _, _) = say(&[file, "--json", "--select", "pre", "--remove", "h1"]);
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&value["ok"], &value["rights"]["is_free"]), (&true.into(), &false.into()));
    let (_, told, code) = say(&[file, "--select", "p["]);
    assert!(told.contains("--select") && code == Some(2), "{told}");
}

#[test]
fn the_server_answers_every_line() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/article/harbour.html");
    let mut server = Command::new(env!("CARGO_BIN_EXE_feedloom"))
        .args(["inspect", "--article", "--server"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = format!(
        "{}\n\nnonsense\n{}\n",
        serde_json::json!({"id": "a", "url": "https://tidepost.example/x", "file": file}),
        serde_json::json!({"id": 7, "url": "https://tidepost.example/x", "file": "/no/such/file"}),
    );
    server.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = server.wait_with_output().unwrap();
    let answers: Vec<serde_json::Value> =
        String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), 3);
    assert_eq!((&answers[0]["id"], &answers[2]["id"]), (&"a".into(), &7.into()));
    for key in ["title", "byline", "date", "site", "image", "excerpt", "body"] {
        assert!(answers[0][key].as_str().is_some_and(|value| !value.is_empty()), "{key}");
    }
    assert!(answers[1]["error"].as_str().unwrap().starts_with("the request is not a JSON object"));
    assert!(answers[2]["error"].as_str().unwrap().contains("/no/such/file"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// The fixture with pieces cut out, doubled and moved: an article or an error, never a panic, nothing that runs.
    #[test]
    fn a_mutated_page_is_read_or_refused(
        cuts in proptest::collection::vec((0_usize..HARBOUR.len(), 0_usize..400, 0_usize..HARBOUR.len()), 1..8),
        junk in "[<>/a-z&;#0-9 \"'=!\u{0}\u{7f}é-]{0,30}",
    ) {
        let mut bytes = HARBOUR.as_bytes().to_vec();
        for (from, length, to) in cuts {
            let from = from.min(bytes.len());
            let piece: Vec<u8> = bytes.drain(from..(from + length).min(bytes.len())).collect();
            let to = to.min(bytes.len());
            bytes.splice(to..to, piece.iter().chain(junk.as_bytes()).copied());
        }
        if let Ok(look) = seen(&bytes, &Choice::default()) {
            let html = look.article.html.to_ascii_lowercase();
            for tag in html.split('<').skip(1).map(|tag| tag.split('>').next().unwrap_or_default()) {
                let name = tag.trim_start_matches('/').split(' ').next().unwrap_or_default();
                prop_assert!(!matches!(name, "script" | "style" | "form" | "input" | "iframe" | "div" | "button"), "{tag}");
                let attributes = tag.split('"').step_by(2).skip(usize::from(!tag.contains('"'))).collect::<String>();
                prop_assert!(!attributes.contains(" on") && !attributes.contains(" style"), "{tag}");
            }
        }
    }
}
