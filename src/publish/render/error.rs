//! Why a document could not be written.

/// Why a document could not be put together. Only a template of the operator's own is expected to fail: all
/// writing is to memory.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The `rss` crate.
    #[error("cannot write the RSS document")]
    Rss(#[source] ::rss::Error),
    /// quick-xml's writer.
    #[error("cannot write the XML document")]
    Xml(#[source] std::io::Error),
    /// serde_json.
    #[error("cannot write the JSON document")]
    Json(#[source] serde_json::Error),
    /// The filter program of an output.
    #[error("the filter {program} cannot be used: {reason}")]
    Filter {
        /// Program and arguments.
        program: String,
        /// What went wrong.
        reason: String,
    },
    /// The page for publishers is `about`'s.
    #[error("this page is not made of items")]
    NotOfItems,
    /// The template of a page.
    #[error("the template {template} cannot be used: {reason}")]
    Template {
        /// Its file.
        template: String,
        /// The line, and what is wrong there.
        reason: String,
    },
}

impl RenderError {
    /// A filter that cannot be used.
    pub(in crate::publish) fn filter(program: &str, reason: &str) -> Self {
        Self::Filter { program: program.to_owned(), reason: reason.to_owned() }
    }
}
