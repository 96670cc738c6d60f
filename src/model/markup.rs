/// Text that came with a type: plain, or an HTML fragment **as read**, unsafe until sanitised.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Markup {
    /// Plain text: `<` is a less-than sign.
    Text(String),
    /// An HTML fragment as read, with relative addresses resolved. Sanitise before it leaves.
    Html(String),
}

impl Markup {
    /// The characters, whatever their type.
    #[must_use]
    pub fn raw(&self) -> &str {
        match self {
            Self::Text(text) | Self::Html(text) => text,
        }
    }

    /// Whether it holds only white space.
    #[must_use]
    pub(crate) fn is_blank(&self) -> bool {
        self.raw().trim().is_empty()
    }
}
