//! What was wrong with a document and was read nevertheless.

use std::fmt;

/// A kind of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub(crate) enum Fault {
    /// The bytes are not in the declared encoding.
    WrongEncoding,
    /// Bytes that mean nothing in the encoding.
    UndecodableByte,
    /// Something precedes the document.
    JunkBefore,
    /// Something follows the document.
    JunkAfter,
    /// An `&` that starts no reference.
    BareAmpersand,
    /// A named reference that XML does not know.
    UndeclaredEntity,
    /// A character that XML forbids, or a reference to one.
    IllegalCharacter,
    /// A `<` that opens no tag.
    StrayLessThan,
    /// A tag or a quote in it that is not closed.
    UnclosedTag,
    /// A comment that is not closed.
    UnclosedComment,
    /// A CDATA section that is not closed.
    UnclosedCdata,
    /// An element that is not closed where it should be.
    UnclosedElement,
    /// An end tag without its start tag.
    StrayEndTag,
    /// The document ends in the middle.
    CutShort,
    /// A date in a form we do not know.
    UnreadableDate,
    /// A date with an unknown zone name: only its day is sure.
    UnknownZone,
    /// A JSON value of a different type than the format specifies.
    WrongJsonType,
    /// JSON that a strict reader refuses.
    BrokenJson,
    /// More entries than are looked at.
    TooManyEntries,
}

impl Fault {
    /// Whether entries have other dates because of it than their publisher meant.
    pub(crate) fn is_of_dates(self) -> bool {
        matches!(self, Self::UnreadableDate | Self::UnknownZone)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WrongEncoding => "the bytes are not in the declared encoding",
            Self::UndecodableByte => "bytes that mean nothing in the encoding, replaced",
            Self::JunkBefore => "text before the document, ignored",
            Self::JunkAfter => "text after the document, ignored",
            Self::BareAmpersand => "`&` in place of `&amp;`",
            Self::UndeclaredEntity => "undeclared named entity",
            Self::IllegalCharacter => "character that XML forbids, removed",
            Self::StrayLessThan => "`<` in place of `&lt;`",
            Self::UnclosedTag => "tag or quote that is not closed",
            Self::UnclosedComment => "comment that is not closed",
            Self::UnclosedCdata => "CDATA section that is not closed",
            Self::UnclosedElement => "element that is not closed",
            Self::StrayEndTag => "end tag without its start tag, ignored",
            Self::CutShort => "the document ends in the middle",
            Self::UnreadableDate => "date in no known form, ignored",
            Self::UnknownZone => "date in an unknown zone, taken by its day",
            Self::WrongJsonType => "JSON value of the wrong type",
            Self::BrokenJson => "JSON that a strict reader refuses",
            Self::TooManyEntries => "more entries than fit, the rest not read",
        })
    }
}

/// Number of [`Fault`]s.
const KINDS: usize = Fault::TooManyEntries as usize + 1;

/// One kind of fault and how often it occurred.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mend {
    /// What was wrong.
    pub(crate) fault: Fault,
    /// How often.
    pub count: usize,
}

impl fmt::Display for Mend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = self.fault;
        match self.count {
            1 => write!(f, "{what}"),
            count => write!(f, "{what} ({count} times)"),
        }
    }
}

/// Counts of faults.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Mends([usize; KINDS]);

impl Mends {
    pub(super) fn add(&mut self, fault: Fault) {
        self.add_many(fault, 1);
    }

    pub(super) fn add_many(&mut self, fault: Fault, count: usize) {
        self.0[fault as usize] += count;
    }

    /// What was found, in the order of [`Fault`].
    pub(super) fn list(&self) -> Vec<Mend> {
        ALL.into_iter()
            .filter_map(|fault| match self.0[fault as usize] {
                0 => None,
                count => Some(Mend { fault, count }),
            })
            .collect()
    }
}

const ALL: [Fault; KINDS] = [
    Fault::WrongEncoding,
    Fault::UndecodableByte,
    Fault::JunkBefore,
    Fault::JunkAfter,
    Fault::BareAmpersand,
    Fault::UndeclaredEntity,
    Fault::IllegalCharacter,
    Fault::StrayLessThan,
    Fault::UnclosedTag,
    Fault::UnclosedComment,
    Fault::UnclosedCdata,
    Fault::UnclosedElement,
    Fault::StrayEndTag,
    Fault::CutShort,
    Fault::UnreadableDate,
    Fault::UnknownZone,
    Fault::WrongJsonType,
    Fault::BrokenJson,
    Fault::TooManyEntries,
];
