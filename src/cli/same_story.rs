use clap::ValueEnum;

use crate::config::SameStory;

/// `same_story` as a command-line argument.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum SameStoryArg {
    Off,
    Exact,
    Balanced,
    Eager,
}

impl From<SameStoryArg> for SameStory {
    fn from(arg: SameStoryArg) -> Self {
        match arg {
            SameStoryArg::Off => Self::Off,
            SameStoryArg::Exact => Self::Exact,
            SameStoryArg::Balanced => Self::Balanced,
            SameStoryArg::Eager => Self::Eager,
        }
    }
}
