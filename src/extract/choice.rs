use crate::text::Selector;

/// What feeds.toml says about a source's pages.
#[derive(Debug, Clone, Copy, Default)]
pub struct Choice<'a> {
    /// The article's body; if it finds nothing or too little, the blocks are chosen as for any page.
    pub select: Option<&'a Selector>,
    /// What is not part of it.
    pub remove: &'a [Selector],
}
