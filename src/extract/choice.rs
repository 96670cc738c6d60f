use crate::text::Selector;

/// What feeds.toml says of a source's pages.
#[derive(Debug, Clone, Copy, Default)]
pub struct Choice<'a> {
    /// The article's body; where it finds nothing or too little, the blocks are chosen as for any page.
    pub select: Option<&'a Selector>,
    /// What is no part of it.
    pub remove: &'a [Selector],
}
