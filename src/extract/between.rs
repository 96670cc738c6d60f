//! What stands between the blocks of a page and has no text of its own: rules, players.

use scraper::{ElementRef, Html};
use url::Url;

use super::tree::{Between, Parts, up};
use crate::text::{played_on_page, web_url};

/// Whether a rule divides two blocks that were kept.
pub(super) fn divides(parts: &Parts, kept: &[bool], rule: &Between) -> bool {
    let holders: Vec<usize> = up(parts, rule.element).take(2).collect();
    let is_beside = |at: usize| {
        kept.get(at) == Some(&true) && up(parts, parts.blocks[at].element).any(|around| holders.contains(&around))
    };
    rule.blocks_before.checked_sub(1).is_some_and(is_beside) && is_beside(rule.blocks_before)
}

/// Address and name of what a player plays.
pub(super) fn played(page: &Html, player: &Between, base: &Url) -> Option<(Url, String)> {
    let element = ElementRef::wrap(page.tree.get(player.node)?)?;
    let whole = element.html();
    let (address, name) = played_on_page(element.value().name(), &whole, &element.inner_html())?;
    Some((web_url(&address, Some(base))?, name))
}
