//! What became of each outline of a list, in a few lines.

use crate::cli::console;
use crate::cli::plural::count;
use crate::cli::session::Session;
use crate::parse::Opml;
use crate::text::for_terminal;

/// Examples shown of each kind; `-v` shows all.
const MOST_SHOWN: usize = 5;

/// What became of a list.
#[derive(Debug, Default)]
pub(super) struct ImportReport {
    title: Option<String>,
    /// Feeds of the list, as often as they occur in it.
    feeds: usize,
    pub(super) added: usize,
    /// Already in feeds.toml.
    pub(super) known: Vec<String>,
    /// Repeated in the list.
    pub(super) twice: Vec<String>,
    /// New, but not at a public address.
    pub(super) private: Vec<String>,
    /// Not an address that could be fetched.
    pub(super) wrong: Vec<String>,
    without_address: Vec<String>,
    included: Vec<String>,
    commented_out: Vec<String>,
    is_cut_short: bool,
    is_misdeclared: bool,
}

impl ImportReport {
    pub(super) fn of(list: &Opml) -> Self {
        Self {
            title: list.title.clone(),
            feeds: list.feeds.len() + list.without_address.len(),
            without_address: list.without_address.clone(),
            included: list.included.clone(),
            commented_out: list.commented_out.clone(),
            is_cut_short: list.is_cut_short,
            is_misdeclared: list.is_misdeclared,
            ..Self::default()
        }
    }

    /// On stderr; `added` states what was done with those that are new.
    pub(super) fn print(&self, session: &Session, list: &str, added: Option<&str>) {
        let title = self.title.as_ref().map(|title| format!(" ({title:?})")).unwrap_or_default();
        let added = format!("{} {}", count(self.added, "source"), added.unwrap_or("added"));
        say(&format!("{list}{title}: {}, {added}", count(self.feeds, "feed")));
        let cut = "it is cut short: what comes before the cut was read, the rest is missing";
        for (happened, what) in [
            (self.is_cut_short, cut),
            (self.is_misdeclared, "it is not in the encoding that it declares: check names with accents"),
            (self.feeds == 0, "it holds no feed"),
        ] {
            if happened {
                say(&format!("  {what}"));
            }
        }
        group(session, &self.known, "is there already", "are there already");
        group(session, &self.twice, "is in it more than once", "are in it more than once");
        group(
            session,
            &self.private,
            "is not at a public address and will be refused: `feedloom check` says what allows it",
            "are not at public addresses and will be refused: `feedloom check` says what allows them",
        );
        group(session, &self.wrong, "cannot be a source", "cannot be sources");
        group(session, &self.without_address, "has no address", "have no address");
        group(session, &self.commented_out, "is commented out in it", "are commented out in it");
        group(
            session,
            &self.included,
            "is another list: import it by itself",
            "are other lists: import each by itself",
        );
        if self.added > 0 && !session.quiet && console::is_terminal() {
            let check = session.command("check --fetch");
            console::note(&format!("  hint: to try each of them: {check}"));
        }
    }
}

fn group(session: &Session, members: &[String], one: &str, many: &str) {
    if members.is_empty() {
        return;
    }
    let shown = if session.verbose { members.len() } else { MOST_SHOWN };
    let mut names = members.iter().take(shown).map(|name| if name.is_empty() { "(no name)" } else { name });
    let first = names.next().unwrap_or_default();
    let names = names.fold(first.to_owned(), |line, name| line + ", " + name);
    let more = members.len().saturating_sub(shown);
    let more = if more > 0 { format!(" and {more} more (-v shows all)") } else { String::new() };
    say(&format!("  {} {}: {names}{more}", members.len(), if members.len() == 1 { one } else { many }));
}

fn say(line: &str) {
    console::note(&for_terminal(line));
}
