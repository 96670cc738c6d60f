//! What a page says about itself.

/// What the page says about itself: compared with its blocks.
#[derive(Debug, Default)]
pub(in crate::extract) struct SelfDescription<'a> {
    /// Its title.
    pub(in crate::extract) title: &'a str,
    /// Its description.
    pub(in crate::extract) description: &'a str,
    /// `articleBody` of JSON-LD.
    pub(in crate::extract) body: &'a str,
    /// `og:type`, or the type of JSON-LD, is that of an article.
    pub(in crate::extract) is_article: bool,
}
