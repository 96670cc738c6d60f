//! HTML before it is sanitised: a link in place of whatever plays something. A part of the pass of `prepare.rs`.

use super::attrs::Attrs;
use super::embed;
use super::entities::escape_into;
use super::facade;
use super::html::is_self_closed;
use super::prepare::{Last, Pass, Players};
use super::tag_names::is_of_name;

impl Pass<'_> {
    /// A link behind the start of a player that a script would make from the id of a video; `raw` follows `first`, the
    /// part of its name before the hyphen.
    pub(super) fn stand_in(&mut self, first: &[u8], raw: &str, end: usize) -> usize {
        self.last = Last::Other;
        let (rest, attributes) = raw.split_at(raw.find(|char: char| !is_of_name(char)).unwrap_or(raw.len()));
        let mut attrs = Attrs::default();
        attrs.read(attributes);
        match facade::video(&(String::from_utf8_lossy(first) + rest), &attrs)
            .filter(|_| self.players == Players::Linked)
        {
            Some(link) => self.replace(end, end, &link),
            None => end,
        }
    }

    /// A formula or a listing that only a script would show.
    pub(super) fn script(&mut self, raw: &str, tag: usize, end: usize) -> usize {
        self.last = Last::Other;
        let Some((close, after)) = self.ends.of_first("script", end) else { return end };
        let mut shown = String::new();
        match embed::script_text(raw) {
            Some(embed::Shown::Formula) => escape_into(self.html[end..close].trim(), &mut shown),
            Some(embed::Shown::At(address)) if self.players == Players::Linked => {
                shown = embed::linked(&address, &address);
            }
            Some(embed::Shown::At(_)) | None => {}
        }
        self.replace(tag, after, &shown)
    }

    /// A link in place of a player and of what it shows if it cannot play.
    pub(super) fn player(&mut self, name: &'static str, raw: &str, tag: usize, end: usize) -> usize {
        self.last = Last::Other;
        let closed =
            self.ends.of_first(name, end).filter(|(close, _)| !is_self_closed(raw) || self.is_blank(end, *close));
        let Some((close, after)) = closed else { return self.empty_player(name, raw, tag, end) };
        let inside = &self.html[end..close];
        match embed::link(name, raw, inside) {
            Some(link) => self.replace(tag, after, &link),
            // What it holds is shown where it cannot be.
            None if name == "object" => self.replace(tag, end, ""),
            None => self.replace(tag, after, ""),
        }
    }

    /// One that ends where it begins, as in XML, or that nothing ends.
    fn empty_player(&mut self, name: &str, raw: &str, tag: usize, end: usize) -> usize {
        if name == "object" {
            return end;
        }
        let link = embed::link(name, raw, "").unwrap_or_default();
        self.replace(tag, end, &link)
    }

    fn is_blank(&self, from: usize, to: usize) -> bool {
        self.html[from..to].trim().is_empty()
    }

    pub(super) fn embedded(&mut self, raw: &str, tag: usize, end: usize) -> usize {
        self.last = Last::Other;
        let link = embed::link("embed", raw, "").unwrap_or_default();
        self.replace(tag, end, &link)
    }
}
