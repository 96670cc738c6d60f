//! Language tags as every reader and validator accepts them (BCP 47): a language of ISO 639-1 and, if
//! it is a real one, a region of ISO 3166-1.

use crate::model::{Channel, Item};

/// ISO 639-1. Languages without a two-letter code are omitted: few readers know one.
const LANGUAGES: &str = " aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de \
    dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it \
    iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd \
    ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su \
    sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu ";

/// ISO 3166-1.
const REGIONS: &str = " ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bl bm bn bo bq br bs bt bv \
    bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg eh er es et fi fj fk fm fo \
    fr ga gb gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp \
    ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mf mg mh mk ml mm mn mo mp mq mr ms mt mu \
    mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb \
    sc sd se sg sh si sj sk sl sm sn so sr ss st sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug um us uy \
    uz va vc ve vg vi vn vu wf ws ye yt za zm zw ";

/// `written` as a tag (`en_US` → `en-us`, `en-uk` → `en`, `zh-Hant-TW` → `zh-hant-tw`); `None` if it
/// names no language.
pub(super) fn language_tag(written: &str) -> Option<String> {
    let tag = written.trim().replace('_', "-").to_ascii_lowercase();
    let mut parts = tag.split('-');
    let language = parts.next().filter(|code| is_in(LANGUAGES, code))?;
    let mut kept = vec![language];
    let mut next = parts.next();
    if let Some(script) = next.filter(|part| matches!(*part, "hans" | "hant" | "latn" | "cyrl")) {
        kept.push(script);
        next = parts.next();
    }
    kept.extend(next.filter(|code| is_in(REGIONS, code)));
    Some(kept.join("-"))
}

fn is_in(list: &str, code: &str) -> bool {
    code.len() == 2 && code.bytes().all(|b| b.is_ascii_lowercase()) && list.contains(&format!(" {code} "))
}

/// The language of `item` if it differs from that of the channel.
pub(super) fn own_language(channel: &Channel, item: &Item) -> Option<String> {
    let tag = language_tag(item.language.as_deref()?)?;
    (tag != channel.language).then_some(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_a_tag_or_nothing() {
        for (written, tag) in [
            ("en_US", "en-us"),
            (" de ", "de"),
            ("zh-Hant-TW", "zh-hant-tw"),
            ("en-uk", "en"),
            ("en-us-x-private", "en-us"),
            ("de-de-1996", "de-de"),
            ("fr-", "fr"),
        ] {
            assert_eq!(language_tag(written).as_deref(), Some(tag));
        }
        for wrong in ["", "e", "english", "english language", "en\" onload=\"x", "12", "xx", "qq-us", "a b"] {
            assert_eq!(language_tag(wrong), None, "{wrong}");
        }
    }
}
