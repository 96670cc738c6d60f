//! Pages that stand in front of an article: consent, bot checks, logins, offers, errors, "enable JavaScript".
//!
//! One is known by what it is: it has no prose of its own, and it says what it asks for in its title, its headers, its
//! widgets or its words.

use std::fmt;
use std::sync::LazyLock;

use memchr::memmem;
use regex::Regex;

use super::seen_block::SeenBlock;
use super::site_words::{is_about_cookies, is_consent};
use crate::text::{CHALLENGE_BYTES, marks_challenge, says_challenge};

/// What stands in front of the article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wall {
    /// It asks for consent to cookies.
    Consent,
    /// It checks whether the visitor is human.
    Challenge,
    /// It asks who the reader is.
    Login,
    /// It offers a subscription.
    Offer,
    /// It says that something went wrong.
    Error,
    /// It shows nothing without scripts.
    Script,
}

impl fmt::Display for Wall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Consent => "asks for consent",
            Self::Challenge => "checks for robots",
            Self::Login => "asks for a login",
            Self::Offer => "offers a subscription",
            Self::Error => "reports an error",
            Self::Script => "shows nothing without JavaScript",
        })
    }
}

/// Characters of prose from which a page is taken for an article, whatever else is on it.
const PROSE_CHARS: usize = 200;
/// The part of a title that is looked at.
const TITLE_BYTES: usize = 500;
/// A shorter block is not prose.
const SHORTEST_CHARS: usize = 80;

/// What a page says about itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said<'a> {
    /// Its headline, and the title of its window.
    pub(super) titles: [&'a str; 2],
    /// It says that it is an article, or has one in its markup: then a login or a widget may be there for its comments.
    pub(super) is_article: bool,
}

/// The wall that a page is, if it is one.
pub(super) fn wall<'h>(
    html: &str,
    headers: impl Iterator<Item = (&'h str, &'h str)>,
    said: Said<'_>,
    blocks: &[SeenBlock],
) -> Option<Wall> {
    if { headers }.any(|(name, value)| says_challenge(name, value.as_bytes())) {
        return Some(Wall::Challenge);
    }
    let prose = prose(blocks);
    if prose >= PROSE_CHARS {
        return None;
    }
    let text: String = blocks.iter().map(|block| block.text.as_str()).collect::<Vec<_>>().join("\n");
    let near = &text[..text.floor_char_boundary(2_000)];
    let titles = said.titles.map(|title| title[..title.floor_char_boundary(TITLE_BYTES)].trim());
    let is_titled = |words: &Regex| titles.iter().any(|title| words.is_match(title));
    let has_widget = || text.chars().count() < 1_500 && (is_guarded(html) || !said.is_article && has_captcha(html));
    if is_titled(&CHALLENGE_TITLE) || has_widget() || CHALLENGE.is_match(near) {
        return Some(Wall::Challenge);
    }
    if is_titled(&ERROR_TITLE) || BARRED.is_match(near) {
        return Some(Wall::Error);
    }
    let has_other_prose = || prose > 0 && !blocks.iter().any(|block| block.kept && is_consent(&block.text));
    let is_about_consent = said.is_article && (titles.iter().any(|title| is_about_cookies(title)) || has_other_prose());
    if is_consent(near) && !is_about_consent || is_titled(&CONSENT_TITLE) {
        return Some(Wall::Consent);
    }
    if is_titled(&LOGIN_TITLE) || !said.is_article && PASSWORD.is_match(html) {
        return Some(Wall::Login);
    }
    if SCRIPT.is_match(near) || needs_script(html, &text) {
        return Some(Wall::Script);
    }
    OFFER.is_match(near).then_some(Wall::Offer)
}

/// Characters of the kept blocks that are prose and do not speak as a wall does.
fn prose(blocks: &[SeenBlock]) -> usize {
    let words = [&*OFFER, &*SCRIPT, &*CHALLENGE, &*BARRED];
    let speaks_of_wall = |text: &str| is_consent(text) || words.iter().any(|words| words.is_match(text));
    let mut prose = 0;
    for block in blocks.iter().filter(|block| block.kept) {
        let chars = block.text.chars().count();
        if chars >= SHORTEST_CHARS && !speaks_of_wall(&block.text) {
            prose += chars;
        }
        if prose >= PROSE_CHARS {
            break;
        }
    }
    prose
}

/// Whether the page contains what bot-protection services put into theirs.
fn is_guarded(html: &str) -> bool {
    marks_challenge(&html.as_bytes()[..html.len().min(CHALLENGE_BYTES)].to_ascii_lowercase())
}

/// Whether the page contains a question to tell people from robots, as forms have it, too.
fn has_captcha(html: &str) -> bool {
    const MARKS: [&str; 4] =
        ["challenges.cloudflare.com/turnstile", "g-recaptcha\"", "g-recaptcha'", "class=\"h-captcha\""];
    MARKS.iter().any(|mark| memmem::find(html.as_bytes(), mark.as_bytes()).is_some())
}

/// Whether `noscript` asks for scripts on a page without text of its own.
fn needs_script(html: &str, text: &str) -> bool {
    text.chars().count() < SHORTEST_CHARS
        && memmem::find_iter(html.as_bytes(), b"<noscript").take(5).any(|at| {
            let end = html[at..].find("</noscript").map_or(html.len(), |end| at + end);
            SCRIPT.is_match(&html[at..end])
        })
}

static PASSWORD: LazyLock<Regex> = LazyLock::new(|| pattern(r#"(?i)type=["']?password"#));
// Titles that a story may begin with, too, are those of a wall only where nothing but a name follows.
static CHALLENGE_TITLE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)^(?:attention required|access to this page has been denied|vérification (?:de sécurité|en cours)|verificación de seguridad|verifica di sicurezza|sicherheitsprüfung|проверка (?:безопасности|браузера)|making sure you(?:'|’)?(?: a)?re not a bot|verify(?:ing)? (?:that )?you",
        r"|checking your (?:browser|connection)|pardon our interruption|ddos-guard|human verification|sicherheitsüberprüfung)",
        r"|^(?:just a moment|access denied|security (?:check|verification)|one more step|robot (?:check|or human)|bot (?:check|verification)|captcha|please wait|einen moment|un instant|nur einen moment|un momento|(?:request |you are |you have been )?blocked)",
        r"[\s.!?…]*(?:$|[|–—•·]|- )|are you (?:a robot|(?:a )?human|not a robot)[^0-9A-Za-z]*$|^are you (?:a robot|(?:a )?human|not a robot)"
    ))
});
// No boundaries of words: those of Unicode would have all text looked at by the slowest of the engines.
static CHALLENGE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)(?:^|[^0-9A-Za-z])(?:performing security verification|security service to protect (?:itself|against)|incapsula incident id|believe you are using automation tools|checking (?:if the site connection is secure|your browser)|verify (?:that )?you are (?:a )?human|you are not a robot|",
        r"prove (?:that )?you(?:'|’)?(?: a)?re (?:not a robot|human)|has set up anubis|making sure you(?:'|’)?(?: a)?re not a bot|unusual (?:traffic|activity) from|enable (?:javascript and )?cookies to continue|",
        r"complete the (?:captcha|security check)|ray id|press (?:&|and) hold|confirm (?:that )?you are (?:a )?human|ihren browser(?: zu)? (?:überprüf|prüf)[^ ]*|ob sie ein mensch sind|(?:vérifions|vérification de) votre navigateur|(?:comprobando|verificando) (?:que no eres un robot|(?:tu|su) navegador)|(?:verifichiamo|verificando) il (?:tuo )?browser|проверяем ваш браузер|controleren (?:van )?(?:je|uw) browser|sie kein roboter sind|no eres un robot|n['’]êtes pas un robot)(?:[^0-9A-Za-z]|$)"
    ))
});
static ERROR_TITLE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)(?:^|[|–—] ?)(?:http )?(?:error )?(?:40[0-9]|410|429|451|50[0-9]|52[0-9])(?:[\s.!?…]*(?:$|[|–—•·:,]|- )| (?:not found|page|error|seite|forbidden|too many|gone|unavailable|bad gateway|service|gateway|internal|unauthori[sz]ed|access)(?-u:\b))",
        r"|(?-u:\b)(?:page|seite|article|file) (?:not found|nicht gefunden|unavailable)|^not found[^0-9A-Za-z]*(?:$|[|–—•·-])",
        r"|^(?:oops|error|fehler|forbidden|bad gateway|service unavailable|gateway time-?out|internal server error|too many requests|(?:site |scheduled |under |down for )*maintenance(?: mode)?|wartungsarbeiten|(?:story|article|page) (?:removed|deleted)|domain (?:is )?for sale|welcome to nginx)[\s.!?…]*(?:$|[|–—•·]|- )",
        r"|^oops[!,.]|^(?:an )?error (?:[0-9]{3}(?-u:\b)|page(?-u:\b)|(?:has )?occurred|establishing a database)|^error: [0-9]{3}|^[^ ]+\.[a-z]+ is for sale[^0-9A-Za-z]*$|› error$|",
        r"page introuvable|página no encontrada|pagina non trovata|página não encontrada|nie znaleziono strony|pagina niet gevonden|страница не найдена|ページが見つかりません|页面不存在|页面未找到|找不到(?:頁面|页面|網頁)|페이지를 찾을 수 없|لم يتم العثور|sayfa bulunamadı|sidan (?:hittades inte|kunde inte hittas)|siden (?:blev|ble) ikke fundet|sivua ei löy|stránka nenalezena"
    ))
});
/// Nobody is let in, or nobody from there, or nobody so young.
static BARRED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)(?:^|[^0-9A-Za-z])(?:(?:down|closed|offline) for (?:[^ ]+ )?maintenance|under maintenance|be back (?:soon|shortly)|unavailable (?:due to|for) legal reasons|",
        r"between cloudflare['’]s network and the origin|your hosting provider letting them know|error code 5[0-9][0-9]|critical error on this website|(?:nginx|apache[0-9]?) (?:web )?server is (?:successfully installed|working)|(?:this )?domain (?:name )?is for sale|buy this domain|",
        r"this (?:story|article|page|post) (?:has been|was) (?:removed|deleted|taken down)|undergoing (?:[^ ]+ )?maintenance|for online documentation and support please refer to|",
        r"access cannot be granted|(?:is|are) not available in your (?:country|region|location|area)|",
        r"(?:are you|you must be|i am) (?:over |at least |older than )?(?:1[0-9]|2[01])(?-u:\b)(?: or older| or over|[^0-9A-Za-z]*(?:$|\n| years| to ))|must be of legal (?:drinking )?age|wartungsarbeiten)"
    ))
});
static CONSENT_TITLE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:before you continue|your privacy|privacy (?:settings|consent)|cookie|consent|(?:[^ ]+ ){0,3}privacy gate|votre vie privée|tu privacidad|la tua privacy|zustimmung|datenschutz|bevor sie|avant de continuer|antes de continuar)",
    )
});
static LOGIN_TITLE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:log ?in|sign ?in|log on|anmelden|anmeldung|einloggen|connexion|se connecter|iniciar sesión|accedi|inloggen|logga in|zaloguj)(?:[\s.!?…]*(?:$|[|–—•·:]|- )| or | (?:to|required) (?:continue|your|read|view|access|proceed|[^ ]+[^0-9A-Za-z]*$)| required)",
    )
});
static SCRIPT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)(?:^|[^0-9A-Za-z])please enable js(?:[^0-9A-Za-z]|$)|browser supports javascript|(?:disable|turn off|switch off|pause) (?:your |any |the )?ad[- ]?block|using an ad[- ]?block|(?:^|[^0-9A-Za-z])(?:enable|activate|turn on|requires?|need(?:s)?|without|allow) (?:[^ ]+ ){0,3}javascript(?:[^0-9A-Za-z]|$)|(?:^|[^0-9A-Za-z])javascript (?:is|must be|has to be|to be)? ?(?:required|disabled|enabled|turned off|not enabled)",
        r"|aktivieren sie (?:bitte )?javascript|javascript (?:in ihrem browser )?(?:aktivieren|einschalten|ist deaktiviert)|activer (?:le )?javascript|javascript (?:est )?(?:désactivé|requis|nécessaire)|habilit(?:e|ar|a) javascript|ative o javascript|schakel javascript in|включите javascript|(?:your )?browser (?:isn['’]t|is not|is no longer) supported|(?:update|upgrade) (?:your browser|to a (?:newer|modern|supported) browser)|activa(?:r)? javascript|abilita(?:re)? javascript"
    ))
});
static OFFER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)(?:^|[^0-9A-Za-z])(?:subscribe to (?:read|continue|unlock|keep reading)|to continue reading|already a (?:paid )?(?:subscriber|member)|for (?:paid )?subscribers(?: only)?|subscriber[- ]only|",
        r"unlock this (?:article|story|post)|become a (?:member|patron)|free articles?|free account to|register (?:for free )?to|registered readers|(?:sign in|log in|join) to (?:continue|read|unlock)|for (?:[^ ]+ )?(?:members|patrons) only|get unlimited access to|reached your limit|weiterlesen mit|jetzt abonnieren|bereits abonn|réservée?s? aux abonnés|il vous reste [0-9]+ ?% de cet article|pur[- ]abo|ohne werbetracking|déjà abonné|solo para suscriptores|riservato agli abbonati)(?:[^0-9A-Za-z]|$)"
    ))
});

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is constant and a test compiles it")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: Said<'_> = Said { titles: ["A chip", ""], is_article: false };

    fn block(text: &str) -> SeenBlock {
        SeenBlock { text: text.to_owned(), chance: 1.0, kept: true, features: Vec::new() }
    }

    #[track_caller]
    fn check(title: &str, texts: &[&str], html: &str, want: Option<Wall>) {
        let blocks: Vec<SeenBlock> = texts.iter().map(|text| block(text)).collect();
        let said = Said { titles: [title, ""], is_article: false };
        assert_eq!(wall(html, std::iter::empty(), said, &blocks), want, "{title} {texts:?}");
    }

    #[test]
    fn walls_are_known_by_what_they_are() {
        check(
            "Just a moment...",
            &["Verifying you are human. This may take a few seconds."],
            "",
            Some(Wall::Challenge),
        );
        check("news.example", &["Press and hold"], "<div id=\"px-captcha\">", Some(Wall::Challenge));
        check("404 – Seite nicht gefunden", &["Die Seite gibt es nicht."], "", Some(Wall::Error));
        check("Before you continue", &["We use cookies and data to deliver services."], "", Some(Wall::Consent));
        check(
            "Example News",
            &["We and our 100 partners store cookies with your consent.", "Accept all", "Reject"],
            "",
            Some(Wall::Consent),
        );
        check("Sign in", &["Email", "Password"], "", Some(Wall::Login));
        check("Making sure you're not a bot!", &["Loading..."], "", Some(Wall::Challenge));
        let anubis = "You are seeing this because the administrator of this website has set up Anubis to protect the \
                      server against the scourge of AI companies aggressively scraping websites. This can and does \
                      cause downtime for the websites, which makes their resources inaccessible for everyone.";
        check("Example News", &["Loading...", anubis], "", Some(Wall::Challenge));
        let legal = "We recognize that you are attempting to access this website from a country belonging to the \
                     European Economic Area, which enforces the General Data Protection Regulation, and therefore \
                     access cannot be granted at this time. For any issues, call us during our opening hours.";
        check("Example News", &[legal], "", Some(Wall::Error));
        check("Example News", &["Our website is down for scheduled maintenance."], "", Some(Wall::Error));
        check("Example News", &["Are you over 18?", "You must be of legal age to enter."], "", Some(Wall::Error));
        check("Example News", &["You need to enable JavaScript to run this app."], "", Some(Wall::Script));
        check("Example News", &[], "<noscript>Please enable JavaScript</noscript>", Some(Wall::Script));
        check(
            "A chip",
            &["This post is for paid subscribers", "Already a paid subscriber? Sign in"],
            "",
            Some(Wall::Offer),
        );
        let headers = [("cf-mitigated", "challenge")];
        assert_eq!(wall("", headers.into_iter(), SAID, &[]), Some(Wall::Challenge));
    }

    #[test]
    fn an_article_is_none_whatever_it_is_about() {
        let prose = "The council said on Monday that the new data centre will warm two thousand homes. ".repeat(4);
        for title in ["Just a moment in time", "404 days at sea", "Login data stolen", "Cookies are over"] {
            check(title, &[&prose], "class=\"g-recaptcha\"", None);
        }
        check("A chip", &["The chip is here.", "It is fast."], "", None);
    }

    #[test]
    fn walls_speak_many_languages() {
        for (title, text, want) in [
            ("Vérification de sécurité", "Veuillez patienter.", Wall::Challenge),
            ("Zeitung", "Bitte warten Sie, während wir Ihren Browser überprüfen.", Wall::Challenge),
            ("News", "Press & Hold to confirm you are a human (and not a bot).", Wall::Challenge),
            ("Diario", "Comprobando que no eres un robot.", Wall::Challenge),
            ("ページが見つかりません", "お探しのページは見つかりませんでした。", Wall::Error),
            ("Sayfa bulunamadı", "Aradığınız sayfa yok.", Wall::Error),
            ("Journal", "Il vous reste 85% de cet article à lire. La suite est réservée aux abonnés.", Wall::Offer),
            ("Zeitung", "Bitte aktivieren Sie JavaScript in Ihrem Browser.", Wall::Script),
            ("App", "Your browser isn’t supported. Please upgrade to a newer browser.", Wall::Script),
            ("DPG Media Privacy Gate", "Klik op akkoord om door te gaan.", Wall::Consent),
        ] {
            check(title, &[text], "", Some(want));
        }
        let headers = [("x-amzn-waf-action", "challenge")];
        assert_eq!(wall("", headers.into_iter(), SAID, &[]), Some(Wall::Challenge));
    }

    #[test]
    fn the_title_of_the_window_is_looked_at_too() {
        for (title, want) in [
            ("Seite nicht gefunden | Zeitung", Wall::Error),
            ("429 Too Many Requests", Wall::Error),
            ("Maintenance", Wall::Error),
            ("times.example | 522: Connection timed out", Wall::Error),
            ("Story removed", Wall::Error),
            ("Bloomberg - Are you a robot?", Wall::Challenge),
            ("Blocked", Wall::Challenge),
            ("Log in - The Times", Wall::Login),
            ("Sign in to continue reading", Wall::Login),
        ] {
            let said = Said { titles: ["Words", title], is_article: false };
            assert_eq!(wall("", std::iter::empty(), said, &[block("Words.")]), Some(want), "{title}");
        }
    }

    #[test]
    fn walls_speak_at_length() {
        for (text, want) in [
            (
                "This article is available to registered readers at no cost. Create a free account to keep reading, save \
                 stories and choose the newsletters that you would like to receive every morning in your mailbox.",
                Wall::Offer,
            ),
            (
                "We noticed that you are using an ad blocker. Our journalism is paid for by advertising. Please switch it \
                 off for this site and reload the page to go on, or write to us if you think that this is an error.",
                Wall::Script,
            ),
            (
                "This website is using a security service to protect itself from online attacks. The action you just \
                 performed triggered the security solution. There are several actions that could trigger this block.",
                Wall::Challenge,
            ),
            ("Request unsuccessful. Incapsula incident ID: 443000270079-1234", Wall::Challenge),
            ("Please enable JS and disable any ad blocker", Wall::Script),
            ("You must be 18 or older to view this content.", Wall::Error),
            ("There has been a critical error on this website.", Wall::Error),
            ("This domain is for sale. Buy this domain.", Wall::Error),
            ("This content is for members only", Wall::Offer),
        ] {
            check("Example News", &[text], "", Some(want));
        }
    }

    #[test]
    fn a_short_article_is_none_because_of_its_words_or_of_its_forms() {
        let prose = "The drain on Mill Lane is closed until Friday for repairs, the council said on Monday.";
        for title in [
            "Blocked drain floods street",
            "Error in map corrected",
            "404 museum opens in Berlin",
            "Login to the stars: a night at the planetarium",
            "Please wait: the slowest lifts of the city",
            "Maintenance of old bridges costs more",
            "Page of a lost book is for sale again in Leeds",
        ] {
            check(title, &[prose], "", None);
        }
        let said = Said { titles: ["A drain", ""], is_article: true };
        for html in ["<div class=\"g-recaptcha\">", "<input type=\"password\">", "<input type=password>"] {
            assert_eq!(wall(html, std::iter::empty(), said, &[block(prose)]), None, "{html}");
        }
        let about = Said { titles: ["Publisher fined over cookies", ""], is_article: true };
        let cookies = "Judges found that consent to cookies has to be as easy to refuse as to give.";
        assert_eq!(wall("", std::iter::empty(), about, &[block(cookies)]), None);
    }
}
