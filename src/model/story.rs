use std::fmt;

use jiff::Timestamp;
use url::Url;

use super::grounds::Grounds;
use crate::model::{EntryKey, StoredEntry};
use crate::text::{canonical, is_site_root, short_hash};

/// The stable id of a story: 16 characters of `a-z 2-7`, the same in the store and, as
/// `tag:HOST,YEAR:s/ID`, in every output. Minted when its first entry arrives, then never changed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoryId(String);

impl StoryId {
    /// Mints the id of a story that `founder`, an entry at `url`, opens.
    ///
    /// The first 80 bits of SHA-256, in base 32 (RFC 4648 §6, lower case), over its canonical address; if `salt` is
    /// not 0 (it is incremented while the id is taken) or the address is that of a whole site, over source, guid and
    /// salt. No clock is in it: a database that is lost and rebuilt has the same ids.
    #[must_use]
    pub fn mint(founder: &EntryKey, url: &Url, salt: u32) -> Self {
        let address = canonical(url);
        if salt == 0 && !is_site_root(&address) {
            return Self(short_hash(&["address", &address]));
        }
        Self(short_hash(&["entry", founder.source.as_str(), &founder.guid, &salt.to_string()]))
    }

    /// Takes an id typed by a user or held by the store; `None` if it is malformed.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = text.len() == 16 && text.bytes().all(|b| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b));
        fits.then(|| Self(text.to_owned()))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StoryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Version of the rules that decide what is one story, kept with every join: incremented when a release
/// could put an entry into a different story.
pub(crate) const RULES: u32 = 1;

/// Why an entry is in its story.
#[derive(Debug, Clone, PartialEq)]
pub enum Reason {
    /// It opened the story.
    Opened,
    /// Its canonical address is that of an entry already there.
    SameAddress {
        /// The canonical address.
        address: String,
    },
    /// It links to the article of an entry already there, or is linked from it.
    LinksTo {
        /// The canonical address it links to.
        address: String,
    },
    /// It has the title of an entry already there.
    SameTitle {
        /// The title, normalised.
        title: String,
        /// Hours between the two.
        hours_apart: f64,
    },
    /// Its words are close enough to those of the entries there.
    Similar {
        /// The probability that it tells the story that the entries there tell, 0 to 1.
        score: f64,
        /// The nearest entry.
        nearest: EntryKey,
        /// The rarest shared terms, at most 6, rarest first.
        shared: Vec<String>,
        /// Hours between it and the nearest entry.
        hours_apart: f64,
        /// What spoke for and against joining it to the nearest entry.
        grounds: Grounds,
    },
    /// It had a story of its own, which turned out to be this one when `by` came.
    Bridged {
        /// The entry that belongs to both.
        by: EntryKey,
    },
    /// It was in the published item, unknown to the database, which was lost or is older.
    Recovered,
    /// Its publisher edited it into something else, so that it left the story `from`.
    EditedAway {
        /// Id of the story that it was in.
        from: String,
    },
    /// The operator joined the two (`feedloom join`).
    ByHand,
    /// The operator split it off from another story (`feedloom split`).
    SplitByHand {
        /// Id of the story that it was in.
        from: String,
    },
}

impl Reason {
    /// Whether the operator decided it.
    #[must_use]
    pub(crate) fn is_by_hand(&self) -> bool {
        matches!(self, Self::ByHand | Self::SplitByHand { .. })
    }
}

/// An entry in a story.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The entry.
    pub entry: StoredEntry,
    /// Why it is here.
    pub reason: Reason,
    /// When it joined the story.
    pub joined: Timestamp,
    /// When an output first credited it; `None`: not yet.
    pub shown: Option<Timestamp>,
}

impl Member {
    /// Since when it tells the news of its story: it joined then, or was edited into it later.
    #[must_use]
    pub(crate) fn since(&self) -> Timestamp {
        self.entry.absent.map_or(self.joined, |absent| absent.max(self.joined))
    }
}

/// Entries that tell the same news; one of them leads.
#[derive(Debug, Clone, PartialEq)]
pub struct Story {
    /// The id.
    pub id: StoryId,
    /// At least one, in the order in which they joined; those that joined at the same time earliest first,
    /// whichever was fetched first.
    pub members: Vec<Member>,
    /// Index of the leading entry in `members`.
    pub lead: usize,
    /// When it was first published; `None`: not yet.
    pub first_published: Option<Timestamp>,
    /// The date it carries in every output, frozen at the first publish; `None`: not yet.
    pub date: Option<Timestamp>,
}
