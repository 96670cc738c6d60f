//! Parameters of addresses that count clicks.

/// Whether a parameter only counts clicks, by its exact name, by a prefix that belongs to one service, or by name and
/// value; never by a word inside a value. `amp;` of a doubly escaped query is seen through.
#[must_use]
pub(super) fn is_tracker(name: &str, value: &str) -> bool {
    let name = name.trim_start_matches("amp;").to_ascii_lowercase();
    TRACKERS.binary_search(&name.as_str()).is_ok()
        || TRACKER_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        || VALUED.iter().any(|(known, is_of_form)| *known == name && is_of_form(value))
}

/// Parameters that only ever count clicks, lower case, as documented by the services that read them; generic names
/// (`ref`, `source`) are not here, because a page may need them.
const TRACKERS: [&str; 132] = [
    "__hsfp",
    "__hssc",
    "__hstc",
    "__twitter_impression",
    "_branch_match_id",
    "_ga",
    "_gl",
    "_hsenc",
    "_hsmi",
    "_openstat",
    "at_bbc_team",
    "at_campaign",
    "at_campaign_type",
    "at_channel",
    "at_creation",
    "at_custom1",
    "at_custom2",
    "at_custom3",
    "at_custom4",
    "at_detail_placement",
    "at_emailtype",
    "at_format",
    "at_general_placement",
    "at_link_id",
    "at_link_origin",
    "at_link_type",
    "at_medium",
    "at_network",
    "at_platform",
    "at_ptr_name",
    "at_recipient_id",
    "at_recipient_list",
    "at_send_date",
    "at_type",
    "at_variant",
    "bsft_clkid",
    "bsft_uid",
    "campid",
    "cmpid",
    "dclid",
    "dm_i",
    "echobox",
    "ef_id",
    "epik",
    "fb_action_ids",
    "fb_ref",
    "fb_source",
    "fbclid",
    "ftag",
    "gad_source",
    "gbraid",
    "gclid",
    "gclsrc",
    "guccounter",
    "guce_referrer",
    "guce_referrer_sig",
    "hsctatracking",
    "icid",
    "igsh",
    "igshid",
    "intcid",
    "itm_campaign",
    "itm_content",
    "itm_medium",
    "itm_source",
    "itm_term",
    "ito",
    "mbid",
    "mc_cid",
    "mc_eid",
    "mibextid",
    "mkt_tok",
    "ml_subscriber",
    "ml_subscriber_hash",
    "msclkid",
    "ns_campaign",
    "ns_fee",
    "ns_linkname",
    "ns_mchannel",
    "ns_source",
    "ocid",
    "oly_anon_id",
    "oly_enc_id",
    "pk_campaign",
    "pk_cid",
    "pk_content",
    "pk_cpn",
    "pk_group",
    "pk_keyword",
    "pk_kwd",
    "pk_medium",
    "pk_placement",
    "pk_source",
    "rb_clickid",
    "ref_src",
    "s_cid",
    "smid",
    "soc_src",
    "soc_trk",
    "srsltid",
    "trk_campaign",
    "trk_contact",
    "trk_content",
    "trk_medium",
    "trk_module",
    "trk_msg",
    "trk_sid",
    "trk_source",
    "ttclid",
    "twclid",
    "vero_conv",
    "vero_id",
    "wbraid",
    "wickedid",
    "wt.ac",
    "wt.cg_n",
    "wt.cg_s",
    "wt.mc_ev",
    "wt.mc_id",
    "wt.mc_r",
    "wt.nav",
    "wt.rss_a",
    "wt.rss_ev",
    "wt.rss_f",
    "wt.srch",
    "wt.svl",
    "wt.tsrc",
    "wt.z_tool",
    "wt_mc",
    "wt_zmc",
    "yclid",
    "ymclid",
];

/// Prefixes that belong to one service: whatever follows counts clicks.
const TRACKER_PREFIXES: [&str; 6] = ["hsa_", "matomo_", "mtm_", "piwik_", "utm_", "vero_"];

/// Whether a value has the form that its service writes.
type ValueForm = fn(&str) -> bool;

/// Names that count clicks if their value has the form that their service writes, and may choose a page otherwise.
const VALUED: [(&str, ValueForm); 6] = [
    ("__s", is_long_code),
    ("cvid", is_hex_of_32),
    ("emc", is_rss),
    ("ncid", is_long_code),
    ("partner", is_rss),
    ("xtor", is_xtor),
];

/// As The New York Times writes it.
fn is_rss(value: &str) -> bool {
    matches!(value, "rss" | "rssnyt")
}

fn is_long_code(value: &str) -> bool {
    value.len() >= 12
        && value.bytes().all(|b| b.is_ascii_alphanumeric())
        && value.bytes().any(|b| b.is_ascii_alphabetic())
}

fn is_hex_of_32(value: &str) -> bool {
    value.len() == 32 && value.bytes().all(|b| b.is_ascii_hexdigit())
}

/// `RSS-1`, `EREC-8-[newsletter]`: letters for the channel, then a number.
fn is_xtor(value: &str) -> bool {
    let Some((channel, number)) = value.split_once('-') else { return false };
    (2..=6).contains(&channel.len())
        && channel.bytes().all(|b| b.is_ascii_alphabetic())
        && number.starts_with(|c: char| c.is_ascii_digit() || c == '[' || c == '%')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tracker_list_can_be_searched() {
        assert!(TRACKERS.is_sorted());
    }

    #[test]
    fn links_of_feeds_are_known_by_name_and_value() {
        for (name, value) in
            [("partner", "rss"), ("partner", "rssnyt"), ("emc", "rss"), ("soc_trk", "tw"), ("wt_zmc", "a")]
        {
            assert!(is_tracker(name, value), "{name}={value}");
        }
        for (name, value) in [("partner", "7"), ("partner", "acme"), ("emc", "2"), ("soc", "1"), ("src", "rss")] {
            assert!(!is_tracker(name, value), "{name}={value}");
        }
    }
}
