//! The sockets that the service listens on.

use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use tokio::net::{TcpListener, TcpSocket, TcpStream, UnixListener};

use super::client::{Client, Entrance};
use super::stream::Socket;
use crate::config::Listen;

/// Connections that wait to be accepted.
const BACKLOG: u32 = 4_096;
/// Bytes of an answer that the system holds for a client that is slow to take them.
const SEND_BUFFER: u32 = 256 * 1024;

/// Why nothing can be listened on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ListenError {
    /// The port is taken, or a service listens on the socket.
    #[error("another program listens on {listen} already")]
    InUse {
        /// Where.
        listen: Listen,
    },
    /// The address is not one of this machine.
    #[error("{listen} is no address of this machine")]
    NotOurs {
        /// Where.
        listen: Listen,
    },
    /// The system keeps it for others.
    #[error("this user may not listen on {listen}")]
    Forbidden {
        /// Where.
        listen: Listen,
    },
    /// There is something else at the path of the socket.
    #[error("{} exists and is no socket", .path.display())]
    NotASocket {
        /// Where.
        path: PathBuf,
    },
    /// Anything else.
    #[error("cannot listen on {listen}")]
    Other {
        /// Where.
        listen: Listen,
        #[source]
        source: io::Error,
    },
    /// What systemd handed over is of no use.
    #[error("what was handed over instead of `listen` is no socket that can be listened on")]
    HandedOver(#[source] io::Error),
}

impl ListenError {
    /// What can be done about it.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::InUse { listen: Listen::Tcp(address) } => Some(format!(
                "see which one: ss -ltnp 'sport = :{}'; or write another port: [serve] listen",
                address.port()
            )),
            Self::InUse { .. } => Some("end it, or write another path: [serve] listen".to_owned()),
            Self::NotOurs { .. } => Some("list the addresses of this machine: ip address".to_owned()),
            Self::Forbidden { listen: Listen::Tcp(address) } if address.port() < 1024 => {
                Some("ports below 1024 are for a proxy in front, or for a socket of systemd: docs/serve.md".to_owned())
            }
            Self::NotASocket { .. } => Some("move it away, or write another path: [serve] listen".to_owned()),
            _ => None,
        }
    }
}

/// A socket that is listened on.
#[derive(Debug)]
pub(super) enum Listener {
    Tcp(TcpListener),
    /// With the path that is removed at the end; `None`: it is not ours to remove.
    Unix(UnixListener, Option<PathBuf>),
}

impl Listener {
    /// Listens on `listen` for those who are to come in by `entrance`.
    pub(super) fn bind(listen: &Listen, entrance: Entrance) -> Result<Self, ListenError> {
        match listen {
            Listen::Tcp(address) => bind_tcp(*address).map(Self::Tcp).map_err(|error| explained(listen, error)),
            Listen::Unix(path) => bind_unix(path, listen, entrance),
        }
    }

    /// Listens on every socket that whoever started this process handed over (sd_listen_fds(3)); none: there is none.
    pub(super) fn handed_over() -> Result<Vec<Self>, ListenError> {
        let mut handed = listenfd::ListenFd::from_env();
        (0..handed.len()).map(|place| Self::taken(&mut handed, place).map_err(ListenError::HandedOver)).collect()
    }

    fn taken(handed: &mut listenfd::ListenFd, place: usize) -> io::Result<Self> {
        if let Ok(Some(listener)) = handed.take_tcp_listener(place) {
            listener.set_nonblocking(true)?;
            return TcpListener::from_std(listener).map(Self::Tcp);
        }
        let listener = handed.take_unix_listener(place)?.ok_or(ErrorKind::NotFound)?;
        listener.set_nonblocking(true)?;
        UnixListener::from_std(listener).map(|listener| Self::Unix(listener, None))
    }

    /// Where it listens, with the real port.
    pub(super) fn place(&self) -> String {
        match self {
            Self::Tcp(listener) => {
                listener.local_addr().map_or_else(|_| "a socket".to_owned(), |address| Listen::Tcp(address).to_string())
            }
            Self::Unix(listener, _) => {
                let path = listener.local_addr().ok().and_then(|address| address.as_pathname().map(Path::to_owned));
                path.map_or_else(|| "a socket".to_owned(), |path| Listen::Unix(path).to_string())
            }
        }
    }

    pub(super) async fn accept(&self) -> io::Result<(Socket, Client)> {
        match self {
            Self::Tcp(listener) => {
                let (stream, address) = listener.accept().await?;
                set_up(&stream);
                Ok((Socket::Tcp(stream), Client { address: Some(address) }))
            }
            Self::Unix(listener, _) => {
                let (stream, _) = listener.accept().await?;
                Ok((Socket::Unix(stream), Client { address: None }))
            }
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Self::Unix(_, Some(path)) = self {
            // The next start removes what is left.
            let _ = std::fs::remove_file(path);
        }
    }
}

fn set_up(stream: &TcpStream) {
    // Without it an answer is late, and still right.
    let _ = stream.set_nodelay(true);
}

fn bind_tcp(address: std::net::SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.set_send_buffer_size(SEND_BUFFER)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

fn bind_unix(path: &Path, listen: &Listen, entrance: Entrance) -> Result<Listener, ListenError> {
    let bound = match UnixListener::bind(path) {
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            remove_stale(path, listen)?;
            UnixListener::bind(path)
        }
        bound => bound,
    };
    let listener = bound.map_err(|error| explained(listen, error))?;
    // What is served to readers is public: who may enter its folder may ask, such as a proxy that runs as another user.
    // What is for the operator is asked for by its group.
    let mode = match entrance {
        Entrance::Public => 0o666,
        Entrance::Private => 0o660,
    };
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).map_err(|error| explained(listen, error))?;
    Ok(Listener::Unix(listener, Some(path.to_owned())))
}

/// Removes the socket of a process that is gone; nothing else.
fn remove_stale(path: &Path, listen: &Listen) -> Result<(), ListenError> {
    let meta = std::fs::symlink_metadata(path).map_err(|error| explained(listen, error))?;
    if !meta.file_type().is_socket() {
        return Err(ListenError::NotASocket { path: path.to_owned() });
    }
    match std::os::unix::net::UnixStream::connect(path) {
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
            std::fs::remove_file(path).map_err(|error| explained(listen, error))
        }
        _ => Err(ListenError::InUse { listen: listen.clone() }),
    }
}

fn explained(listen: &Listen, source: io::Error) -> ListenError {
    let listen = listen.clone();
    match source.kind() {
        ErrorKind::AddrInUse => ListenError::InUse { listen },
        ErrorKind::AddrNotAvailable => ListenError::NotOurs { listen },
        ErrorKind::PermissionDenied => ListenError::Forbidden { listen },
        _ => ListenError::Other { listen, source },
    }
}
