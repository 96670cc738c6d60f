//! What the hub delivers.

use std::sync::Arc;

/// An output as it is delivered.
#[derive(Debug, Clone)]
pub(crate) struct Content {
    /// Its public address.
    pub(crate) topic: String,
    pub(crate) media_type: String,
    /// SHA-256 of the bytes.
    pub(crate) hash: [u8; 32],
    pub(crate) bytes: Arc<[u8]>,
}
