//! Which pictures a page shows.

use crate::config::Images;
use crate::publish::copied_pictures::CopiedPictures;

/// Which pictures the stories of a page have.
#[derive(Debug, Clone, Copy)]
pub(crate) enum PagePictures<'a> {
    /// None.
    None,
    /// Those that feeds name, from the servers of their publishers.
    Linked,
    /// Small copies of those.
    Copied(&'a CopiedPictures),
}

impl<'a> PagePictures<'a> {
    /// Those that feeds.toml asks for, of which there are these `copies`.
    pub(in crate::publish) fn of(images: Images, copies: &'a CopiedPictures) -> Self {
        match images {
            Images::None => Self::None,
            Images::Link => Self::Linked,
            Images::Copy => Self::Copied(copies),
        }
    }
}
