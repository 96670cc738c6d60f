/// Who wrote something (RFC 4287 §3.2); at least one field is set.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Person {
    /// Name as written.
    pub name: Option<String>,
    /// Mail address. Read and kept, never published.
    pub email: Option<String>,
    /// Home page, an absolute http(s) address.
    pub uri: Option<String>,
}

impl Person {
    /// A person known only by name.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..Self::default() }
    }
}
