//! `[serve]`: where the service listens, and who may see how it fares.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use url::Url;

/// `[serve]`. Only `feedloom serve` goes by it.
#[derive(Debug, Clone)]
pub struct ServeConfig {
    /// Where the outputs are served. Default 127.0.0.1:8080.
    pub listen: Listen,
    /// Where `/metrics` and `/status` are served without a token; `None`: nowhere.
    pub metrics_listen: Option<Listen>,
    /// The address under which readers reach the service, ending in `/`: the channel's `link` unless set.
    pub public_url: Option<Url>,
    /// Where the token stands that opens `/metrics` and `/status` on `listen`; `None`: nothing opens them.
    pub token: Option<TokenPlace>,
    /// Where a line for each request goes; `None`: nowhere.
    pub access_log: Option<AccessLog>,
    /// Hubs that feeds name are asked to push what is new. Default true.
    pub websub: bool,
    /// The service is a hub for its own outputs. Default false.
    pub hub: bool,
}

impl ServeConfig {
    /// Where our own hub is asked; `None`: there is none.
    pub(crate) fn hub_address(&self) -> Option<Url> {
        self.public_url.as_ref().filter(|_| self.hub)?.join("hub").ok()
    }
}

/// Where the outputs are served unless feeds.toml says otherwise: only programs of this machine, such as a proxy, reach it.
const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

impl Default for ServeConfig {
    fn default() -> Self {
        Self {
            listen: Listen::Tcp(LISTEN),
            metrics_listen: None,
            public_url: None,
            token: None,
            access_log: None,
            websub: true,
            hub: false,
        }
    }
}

/// What a socket is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listen {
    /// An address of this machine and a port.
    Tcp(SocketAddr),
    /// A socket in the file system.
    Unix(PathBuf),
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => write!(f, "http://{address}/"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

/// Where a token stands; it is read when the service starts, so that no other command needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenPlace {
    /// In this variable of the environment.
    Environment(String),
    /// In this file.
    File(PathBuf),
}

/// Where a line for each request goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccessLog {
    /// Beside the messages.
    Stderr,
    /// Appended to this file.
    File(PathBuf),
}
