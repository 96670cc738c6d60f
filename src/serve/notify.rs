//! What the service manager is told (sd_notify(3)); without one, nothing.

use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};

use rustix::time::{ClockId, clock_gettime};

/// Tells the service manager.
#[derive(Debug)]
pub(super) struct Notifier(Option<(UnixDatagram, SocketAddr)>);

impl Notifier {
    /// The one that the environment names.
    pub(super) fn from_environment() -> Self {
        Self::to(&std::env::var("NOTIFY_SOCKET").unwrap_or_default())
    }

    fn to(name: &str) -> Self {
        let address = match name.strip_prefix('@') {
            Some(name) => SocketAddr::from_abstract_name(name),
            None if name.starts_with('/') => SocketAddr::from_pathname(name),
            None => return Self(None),
        };
        // Without it the manager waits in vain, and says so.
        Self(address.and_then(|address| Ok((UnixDatagram::unbound()?, address))).ok())
    }

    pub(super) fn ready(&self) {
        self.tell("READY=1");
    }

    /// feeds.toml is being read again; [`Notifier::ready`] says when that is done.
    pub(super) fn reloading(&self) {
        let now = clock_gettime(ClockId::Monotonic);
        self.tell(&format!("RELOADING=1\nMONOTONIC_USEC={}", now.tv_sec * 1_000_000 + now.tv_nsec / 1_000));
    }

    pub(super) fn alive(&self) {
        self.tell("WATCHDOG=1");
    }

    pub(super) fn stopping(&self) {
        self.tell("STOPPING=1");
    }

    /// A line for people who ask how the service is.
    pub(super) fn status(&self, line: &str) {
        self.tell(&format!("STATUS={}", line.replace('\n', " ")));
    }

    fn tell(&self, text: &str) {
        if let Self(Some((socket, address))) = self {
            // A manager that cannot be reached notices by itself.
            let _ = socket.send_to_addr(text.as_bytes(), address);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manager_is_told_at_a_path_or_an_abstract_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let at_path = UnixDatagram::bind(&path).unwrap();
        let name = format!("feedloom-test-{}", std::process::id());
        let abstract_name = UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
        let mut buffer = [0; 200];
        for (manager, name) in [(at_path, path.to_str().unwrap().to_owned()), (abstract_name, format!("@{name}"))] {
            let notifier = Notifier::to(&name);
            notifier.ready();
            notifier.status("two\nlines");
            notifier.reloading();
            let mut next = || {
                let read = manager.recv(&mut buffer).unwrap();
                String::from_utf8(buffer[..read].to_vec()).unwrap()
            };
            assert_eq!((next().as_str(), next().as_str()), ("READY=1", "STATUS=two lines"));
            let reloading = next();
            let (first, second) = reloading.split_once('\n').unwrap();
            let micros: u64 = second.strip_prefix("MONOTONIC_USEC=").unwrap().parse().unwrap();
            assert!(first == "RELOADING=1" && micros > 0, "{reloading}");
        }
        // Nobody there.
        Notifier::to("/nowhere/notify").ready();
        Notifier::to("").ready();
    }
}
