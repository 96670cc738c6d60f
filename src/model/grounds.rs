//! What speaks for and against two entries telling one story, in words a person would use.

/// Something that speaks for or against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ground {
    /// How much the titles share, with each other and with the texts.
    Titles,
    /// Names.
    Names,
    /// The order of the shared words.
    Order,
    /// How much the texts share.
    Texts,
    /// How rare the shared words are.
    Rarity,
    /// What only one of the two has.
    Unshared,
    /// Numbers, amounts, models.
    Numbers,
    /// Who published them.
    Publisher,
    /// The time between them.
    Time,
    /// Titles and teasers that a source makes by a pattern.
    Pattern,
    /// Kinds of pieces: lists, deals, reviews.
    Kind,
    /// How much there is to compare.
    Length,
}

impl Ground {
    const ALL: [Self; 12] = [
        Self::Titles,
        Self::Names,
        Self::Order,
        Self::Texts,
        Self::Rarity,
        Self::Unshared,
        Self::Numbers,
        Self::Publisher,
        Self::Time,
        Self::Pattern,
        Self::Kind,
        Self::Length,
    ];

    /// The code under which it is stored and printed as JSON.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Titles => "titles",
            Self::Names => "names",
            Self::Order => "order",
            Self::Texts => "texts",
            Self::Rarity => "rarity",
            Self::Unshared => "unshared",
            Self::Numbers => "numbers",
            Self::Publisher => "publisher",
            Self::Time => "time",
            Self::Pattern => "pattern",
            Self::Kind => "kind",
            Self::Length => "length",
        }
    }

    /// The ground with this code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ground| ground.code() == code)
    }

    /// Its wording when it supports one story.
    #[must_use]
    pub fn in_favour(self) -> &'static str {
        match self {
            Self::Titles => "titles with much in common",
            Self::Names => "the same names",
            Self::Order => "the same words in the same order",
            Self::Texts => "texts that share rare words",
            Self::Rarity => "shared words that few others use",
            Self::Unshared => "little that is in only one of them",
            Self::Numbers => "the same numbers",
            Self::Publisher => "different publishers",
            Self::Time => "little time between them",
            Self::Pattern => "titles that follow no template",
            Self::Kind => "the same kind of piece",
            Self::Length => "enough to compare",
        }
    }

    /// Its wording when it speaks against.
    #[must_use]
    pub fn against(self) -> &'static str {
        match self {
            Self::Titles => "titles with little in common",
            Self::Names => "names that only one of them has",
            Self::Order => "shared words in different positions",
            Self::Texts => "texts with little in common",
            Self::Rarity => "shared words that many use",
            Self::Unshared => "much that is in only one of them",
            Self::Numbers => "different numbers",
            Self::Publisher => "one publisher wrote both",
            Self::Time => "the time between them",
            Self::Pattern => "a recurring title or teaser",
            Self::Kind => "a kind of piece that rarely shares its story",
            Self::Length => "little to compare",
        }
    }
}

/// The strongest grounds for a join.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Grounds {
    /// What spoke for it, the strongest first.
    pub supporting: Vec<Ground>,
    /// What spoke against it most.
    pub opposing: Option<Ground>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_read_back() {
        for ground in Ground::ALL {
            assert_eq!(Ground::parse(ground.code()), Some(ground));
        }
        assert_eq!(Ground::parse("luck"), None);
    }
}
