/// One statement about what may be done with a text, as written. `rights/` knows what each means.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Signal {
    /// What is stated.
    pub kind: SignalKind,
    /// Where it was found.
    pub origin: Origin,
    /// The value as written, on one line; at most [`Signal::LONGEST`] bytes.
    pub value: String,
}

impl Signal {
    /// Longest value that is kept, in bytes; also of an RSL element, which is kept whole or not at all.
    pub(crate) const LONGEST: usize = 16 * 1024;

    /// A signal; a value that is too long is cut.
    #[must_use]
    pub fn new(kind: SignalKind, origin: Origin, value: impl Into<String>) -> Self {
        let mut value: String = value.into();
        value.truncate(value.floor_char_boundary(Self::LONGEST));
        Self { kind, origin, value }
    }
}

/// What a [`Signal`] is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SignalKind {
    /// `access:restriction` (Feed Access Control 1.0): `deny`.
    AccessRestriction,
    /// An XHTML `meta robots` inside a feed.
    FeedRobots,
    /// `itunes:block`, `googleplay:block`, `podcast:block`: the name of the element.
    Block,
    /// A licence: its address, or its name (`CC BY 4.0`).
    License,
    /// A statement of rights for human readers: `copyright`, `rights`, `dc:rights`.
    Rights,
    /// Copyright or licence of a media file.
    MediaRights,
    /// `media:restriction`: the address of the file that it withholds, or `*` for all of them.
    MediaRestriction,
    /// `rsl:content` (RSL 1.0), in our own spelling of it.
    Rsl,
    /// The address of an RSL document.
    RslDocument,
    /// Directives for robots that apply to us: `X-Robots-Tag`, `meta robots`.
    Robots,
    /// TDMRep: `1` reserved, `0` not.
    TdmReservation,
    /// AIPREF `Content-Usage` (a draft).
    ContentUsage,
    /// Cloudflare's `Content-Signal` (a draft).
    ContentSignal,
    /// schema.org `isAccessibleForFree`: `false` behind a paywall.
    AccessibleForFree,
}

impl SignalKind {
    const ALL: [Self; 14] = [
        Self::AccessRestriction,
        Self::FeedRobots,
        Self::Block,
        Self::License,
        Self::Rights,
        Self::MediaRights,
        Self::MediaRestriction,
        Self::Rsl,
        Self::RslDocument,
        Self::Robots,
        Self::TdmReservation,
        Self::ContentUsage,
        Self::ContentSignal,
        Self::AccessibleForFree,
    ];

    /// Its name in the store and in `--json`; never changes.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::AccessRestriction => "access_restriction",
            Self::FeedRobots => "feed_robots",
            Self::Block => "block",
            Self::License => "license",
            Self::Rights => "rights",
            Self::MediaRights => "media_rights",
            Self::MediaRestriction => "media_restriction",
            Self::Rsl => "rsl",
            Self::RslDocument => "rsl_document",
            Self::Robots => "robots",
            Self::TdmReservation => "tdm_reservation",
            Self::ContentUsage => "content_usage",
            Self::ContentSignal => "content_signal",
            Self::AccessibleForFree => "accessible_for_free",
        }
    }

    /// The kind with this name.
    #[must_use]
    pub(crate) fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// Where a [`Signal`] was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// In the feed, above its entries.
    Feed,
    /// In the feed, in the entry.
    Entry,
    /// In the HTTP headers of the feed.
    FeedHeader,
    /// In the site's robots.txt.
    RobotsTxt,
    /// In the article page.
    Page,
    /// In the HTTP headers of the article page.
    PageHeader,
    /// In the tdmrep.json of the site.
    Site,
    /// In feeds.toml.
    Config,
}

impl Origin {
    const ALL: [Self; 8] = [
        Self::Feed,
        Self::Entry,
        Self::FeedHeader,
        Self::RobotsTxt,
        Self::Page,
        Self::PageHeader,
        Self::Site,
        Self::Config,
    ];

    /// Its name in the store and in `--json`; never changes.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Feed => "feed",
            Self::Entry => "entry",
            Self::FeedHeader => "feed_header",
            Self::RobotsTxt => "robots_txt",
            Self::Page => "page",
            Self::PageHeader => "page_header",
            Self::Site => "site",
            Self::Config => "feeds_toml",
        }
    }

    /// The origin with this name.
    #[must_use]
    pub(crate) fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|origin| origin.code() == code)
    }

    /// As the subject of a sentence: `the article page`.
    #[must_use]
    pub fn phrase(self) -> &'static str {
        match self {
            Self::Feed => "the feed",
            Self::Entry => "the entry in the feed",
            Self::FeedHeader => "an HTTP header of the feed",
            Self::RobotsTxt => "robots.txt",
            Self::Page => "the article page",
            Self::PageHeader => "an HTTP header of the article page",
            Self::Site => "a file of the site (tdmrep.json)",
            Self::Config => "feeds.toml",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_leads_back() {
        for kind in SignalKind::ALL {
            assert_eq!(SignalKind::from_code(kind.code()), Some(kind));
        }
        for origin in Origin::ALL {
            assert_eq!(Origin::from_code(origin.code()), Some(origin));
        }
        assert_eq!(Signal::new(SignalKind::Rights, Origin::Feed, "é".repeat(9_000)).value.len(), Signal::LONGEST);
    }
}
