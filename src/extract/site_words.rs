//! The words of a site to its readers, which are none of the article: consent, notices, invitations, offers, pointers.

use std::sync::LazyLock;

use regex::Regex;

use super::tree::Block;

/// A longer block is no part of a box that asks for consent.
const CONSENT_BYTES: usize = 2_000;

/// Whether a block asks for consent to cookies.
pub(super) fn is_consent(text: &str) -> bool {
    text.len() <= CONSENT_BYTES && COOKIES.is_match(text) && CONSENT.is_match(text)
}

/// Whether a block does nothing but announce an advertisement or what follows it.
pub(super) fn is_notice(text: &str) -> bool {
    const LONGEST_BYTES: usize = 120;
    text.len() <= LONGEST_BYTES && NOTICE.is_match(text.trim())
}

/// Whether a block only invites to subscribe, follow, pay, register or vote.
pub(super) fn is_invitation(text: &str) -> bool {
    const LONGEST_CHARS: usize = 320;
    text.len() <= 4 * LONGEST_CHARS
        && text.chars().count() <= LONGEST_CHARS
        && (LOCKED.is_match(text.trim()) || INVITATION.is_match(text.trim()) && INVITED_TO.is_match(text))
}

/// Whether a block is little more than a link to another story, behind words that say so.
pub(super) fn is_pointer(block: &Block) -> bool {
    const LONGEST_CHARS: usize = 200;
    block.chars <= LONGEST_CHARS && block.link_chars * 2 >= block.chars && POINTER.is_match(block.text.trim())
}

/// Whether a line announces what a site has besides an article: other stories, ways to share it, its subjects.
pub(super) fn labels_others(text: &str) -> bool {
    LABEL.is_match(text.trim())
}

/// Whether a text is about what consent is given to; with [`is_consent`] beside it, it is the rest of the same box.
pub(super) fn mentions_consent(text: &str) -> bool {
    text.len() <= CONSENT_BYTES && CONSENT.is_match(text)
}

/// Whether a page with this title is about cookies, so that what it says of them may be its text. Consent alone is the
/// subject of too many other texts.
pub(super) fn is_about_cookies(title: &str) -> bool {
    ABOUT_COOKIES.is_match(title)
}

/// Whether a text asks for a subscription, an address or consent.
pub(super) fn offers(text: &str) -> bool {
    OFFER.is_match(text)
}

// Boundaries of words as ASCII has them: those of Unicode would have all text looked at by the slowest of the engines.
static COOKIES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?-u:\b)cookies?(?-u:\b)|similar technologies|ähnliche technologien|kakor|evästei|external content|externe[nrs]? inhalte?|contenus? externes?|contenido externo|contenuti esterni|externe inhoud|クッキー|çerez",
    )
});
static ABOUT_COOKIES: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)cookie"));
static CONSENT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)(?-u:\b)(?:consent|our partners|and [0-9]+ partners|[0-9]+ partners|legitimate interest|accept all|privacy policy|personali[sz]ed (?:ads|content)",
        r"|zustimmung|einwilligung|unsere [0-9]* ?partner|berechtigtes interesse|consentement|nos [0-9]* ?partenaires|votre accord",
        r"|consentimiento|nuestros [0-9]* ?socios|consenso|nostri [0-9]* ?partner|toestemming|onze [0-9]* ?partners|zgod[ęąay]|naszych? partner",
        r"|samtycke|consentimento|nossos parceiros|souhlas|suostumus|einverstanden|partnerzy|akkoord|concorda",
        r"|(?:we|this (?:web)?site|our (?:web)?site) (?:also )?uses? cookies|utili[zs]amos|usamos|(?:diese|unsere) (?:web)?seite (?:verwendet|nutzt)|wir (?:verwenden|nutzen|setzen)",
        r"|nous utilisons|ce site utilise|(?:utilizziamo|usiamo|questo sito (?:usa|utilizza))|wij gebruiken|we gebruiken|deze (?:web)?site gebruikt|używamy|ta strona używa|vi använder|vi bruger|vi bruker|käytämme|používáme",
        r"|willigen sie|einwilligen|onayınız|rızanız|kişiselleştirilmiş (?:reklam|içerik))|согласи|мы используем|çerez(?:ler)?i? kullan|同意|(?:Cookie|クッキー)の使用"
    ))
});
static NOTICE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)^[-–—\[( ]*(?:advertisement|advert|anzeige|werbung|publicité|publicidad|pubblicità|reklam[ae]?|annonse?",
        r"|(?:the )?(?:story|article|post|text) (?:continues|resumes) (?:below|after)(?: (?:the|this))?(?: (?:ad|advert|advertisement|video|photo|gallery))?",
        r"|(?:continue|keep) reading (?:below|after the ad|the main story)|scroll (?:down )?to continue(?: reading)?(?: .*)?",
        r"|(?:nach|unterhalb) der (?:anzeige|werbung) (?:weiterlesen|geht es weiter)|la suite après la publicité|el artículo continúa (?:abajo|después).*)[-–—\]). …:]*$"
    ))
});
static INVITATION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)^(?:(?:get|enjoy) (?:full |complete )?unlimited (?:digital )?access|(?:only|just|then) [$€£] ?[0-9][0-9.,]* (?:for|per) |lesen sie alle |sign up (?:to|for|now)|subscribe (?:to|now|today)|get (?:our|the) (?:[^ ]+ ){0,3}newsletter|join our|follow us|download (?:our|the) (?:[^ ]+ )?app|support (?:our|independent)",
        r"|did you (?:enjoy|like) this|if you (?:like|enjoy) (?:what|our)|when you (?:buy|purchase|click|shop)|(?:do you think|what do you think|vote) .*(?-u:\b)poll(?-u:\b)",
        r"|abonnieren sie|jetzt (?:[^ ]+ ){1,2}(?:wochen?|monate?|tage)|jetzt abonnieren|folgen sie uns|melden sie sich|unterstützen sie",
        r"|inscrivez-vous|abonnez-vous|suivez-nous|soutenez|recevez|suscr[ií]bete|s[ií]guenos|ap[uú]ntate|iscriviti|seguici|abbonati",
        r"|schrijf je in|volg ons|zapisz się|prenumerera|följ oss|assine|inscreva-se|siga-nos|подпи(?:сывайтесь|шитесь))"
    ))
});
static INVITED_TO: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)newsletter|inbox|briefing|e-?mail|bo[iî]te mail|correo|bolet[ií]n|postfach|caixa de entrada|cancel any ?time|kündbar|unlimited|unbegrenzt|sans engagement|facebook|instagram|telegram|whatsapp",
        r"|(?-u:\b)ios(?-u:\b)|app store|google play|commission|donat|contribut|spende|becom(?:e|ing) a member|(?-u:\b)a (?:week|month|year)(?-u:\b)|per month|for [0-9]+ (?:weeks|months)|pro monat|im monat|(?-u:\b)poll(?-u:\b)|канал|рассылк"
    ))
});
static LOCKED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)^(?:(?:this|the) (?:article|story|post|content) is (?:only )?(?:for|available (?:only )?to|reserved for|exclusive to) (?:(?:paid|paying|registered|our) )*(?:subscribers|members|(?:paid|paying|registered) readers)(?: only(?:[^0-9A-Za-z]|$)| ?(?:[^0-9A-Za-z ]|$))",
        r"|(?:register|sign up|log in|sign in|subscribe)(?: (?:now|for free))? to (?:continue|keep|unlock|read the (?:rest|full))|create (?:a free|an) account to (?:continue|keep) reading",
        r"|become a (?:[^ ]+ )?(?:member|subscriber|patron|supporter) to (?:unlock|read|continue|keep|get access)|you(?:['’]ve| have) (?:[0-9]+|one|two|three|no) (?:more )?free (?:articles?|stor(?:y|ies)) (?:left|remaining)",
        r"|diese[rs]? (?:artikel|inhalt|beitrag|text) ist (?:exklusiv |nur )?für (?:[^ ]+ )?abonnent|c(?:et article|e contenu) est réservé (?:aux|à nos) abonnés|(?:este|esta) (?:contenido|artículo|noticia) es (?:exclusiv[oa]|solo) para (?:nuestros )?suscriptores",
        r"|quest[oa] (?:contenuto|articolo) è riservato a(?:gli|i nostri) abbonati)"
    ))
});
static POINTER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)^[-–—▶►>•*\[( ]*(?:(?:see|read) (?:also|more|next)|also (?:see|read)|(?:related|more)(?: (?:story|stories|article|articles|reading|coverage))?|don['’]t miss",
        r"|lesen sie (?:auch|mehr|dazu)|lies auch|mehr (?:zum thema|dazu)|auch interessant|à lire aussi|lire aussi|voir aussi|lee también|leer más|lea también|te puede interesar|le puede interesar",
        r"|leggi anche|lees ook|leia (?:também|mais)|läs (?:också|mer)|les også|læs også|lue myös|czytaj (?:też|także|również)|zobacz też|читайте также|читайте ещё) ?:"
    ))
});
static LABEL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)^[-–—▶►>•*\[( ]*(?:share|follow|subscribe|sign up|tags?|topics?|filed|categor|related|recommended|popular|trending|latest|most (?:read|popular)|top stories|what to read|read next|up next|you (?:may|might)",
        r"|more (?:from|in|on|by|like|about|stories|news|articles|posts|coverage|reading)|(?:other|recent|similar|previous|older|newer) (?:stories|news|articles|posts)|(?:see|read) (?:also|more|next) ?:?$|also (?:see|read) ?:?$|don['’]t miss",
        r"|teilen|folge|schlag|themen|mehr (?:von|zum|zu|aus|über|artikel)|ähnliche|verwandte|meistgelesen|weitere |auch interessant|das könnte|lesen sie (?:auch|mehr|dazu) ?:?$|lies auch|neueste",
        r"|partage|suivez|à lire|lire aussi|voir aussi|sur le même|articles? (?:lié|similaire|récent|recommandé)|dans la même|compart|síg[ua]e|relacionad|noticias|art[íi](?:culos|gos) |te puede|le puede|lee también|lea también|etiquetas",
        r"|condivid|articoli|leggi anche|potrebbe|notizie|lees ook|gerelateerd|meer |deel |leia |veja também|compartilh|läs |les også|læs også|relaterad|lue myös|aiheesta|czytaj|zobacz|polecane|powiązane|читайте|похожие|по теме|новости|関連|相关|相關|관련)"
    ))
});
static OFFER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)subscri|unlimited access|free trial|already a (?:paid )?(?:subscriber|member)|sign (?:up|in)|log in|newsletter|inbox|e-?mail address|donat(?:e|ion)|join (?:us|now|today)",
        r"|(?-u:\b)a (?:month|year|week)(?-u:\b)|per month|cookie|consent|abonn|anmelden|probeabo|s['’]inscrire|suscr[ií]|suscripci|iscriviti|prenumerera|subskryp|zapisz się|assine|digital-abo|im monat|kündbar|réservé aux"
    ))
});

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is constant and a test compiles it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_only_announces_an_advertisement_is_a_notice() {
        for text in [
            "Advertisement",
            "— Anzeige —",
            "Story continues below advertisement",
            "Article continues after this ad.",
            "Scroll to continue",
            "La suite après la publicité",
            "Continue reading the main story",
        ] {
            assert!(is_notice(text), "{text}");
        }
        for text in [
            "Advertisement rates fell by a third.",
            "The story continues below the surface of the lake.",
            "Anzeigen kosten",
        ] {
            assert!(!is_notice(text), "{text}");
        }
    }

    #[test]
    fn consent_is_known_in_several_languages() {
        for text in [
            "We and our 210 partners store cookies on your device with your consent.",
            "Wir und unsere Partner nutzen Cookies. Ihre Einwilligung können Sie widerrufen.",
            "Avec votre accord, nos partenaires et nous utilisons des cookies.",
            "Con su consentimiento, nosotros y nuestros socios usamos cookies.",
            "Za twoją zgodą używamy plików cookie.",
            "Utilizamos cookies propias y de terceros para analizar nuestros servicios.",
            "My i nasi 455 partnerzy przechowujemy pliki cookie.",
            "Mit Ihrer Zustimmung wird hier ein externer Inhalt geladen.",
            "This website uses cookies to work.",
            "Deze site gebruikt cookies.",
            "Мы используем файлы cookies.",
            "Çerezleri kullanıyoruz: çerezleri kullanarak",
        ] {
            assert!(is_consent(text), "{text}");
        }
        let long = "Wir verwenden Cookies. ".repeat(100);
        assert!(!is_consent(&long) && !mentions_consent(&long));
        for text in ["She baked cookies for all.", "The law asks for consent before data is stored.", ""] {
            assert!(!is_consent(text), "{text}");
        }
    }

    #[test]
    fn invitations_and_pointers_are_told_from_prose() {
        for text in [
            "Sign up to First Edition: our free daily newsletter, every weekday at 7am.",
            "Jetzt 4 Wochen für nur 1 Euro testen: alle Artikel, jederzeit kündbar.",
            "Suscríbete a nuestro boletín y recibe las noticias cada mañana.",
            "Inscrivez-vous à notre newsletter quotidienne.",
            "Follow us on Facebook and Instagram.",
            "When you buy through links on our site, we may earn a commission.",
            "Did you enjoy this article? Support us by becoming a member.",
        ] {
            assert!(is_invitation(text), "{text}");
        }
        for text in [
            "Sign up sheets hung in the hall until Monday.",
            "The newsletter of the club told members to follow us there.",
            "Follow us through the valley, said the guide, and nobody did.",
            "Subscribers of the newsletter learned of it on Facebook.",
        ] {
            assert!(!is_invitation(text), "{text}");
        }
        for text in [
            "See also: A ferry is sold",
            "READ MORE: A ferry is sold",
            "Lee también: Un ferry",
            "Lees ook: Een veerboot",
            "▶ Читайте также: Паром",
        ] {
            assert!(POINTER.is_match(text), "{text}");
        }
        for text in ["See also what he said in May.", "Related work is in section 3."] {
            assert!(!POINTER.is_match(text), "{text}");
        }
    }
}
