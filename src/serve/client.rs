//! Who asks.

use std::net::SocketAddr;

/// Who is at the other end of a connection.
#[derive(Debug, Clone)]
pub(super) struct Client {
    /// Its address; `None`: it came over a socket in the file system.
    pub(super) address: Option<SocketAddr>,
}

/// Which way somebody came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entrance {
    /// By `listen`.
    Public,
    /// By `metrics_listen`.
    Private,
}
