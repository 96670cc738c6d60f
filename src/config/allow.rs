use std::net::IpAddr;

/// A rule of `[fetch] allow`: an address or a network in CIDR form, for all ports or one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowed {
    network: IpAddr,
    prefix_bits: u8,
    port: Option<u16>,
}

/// Why a text is not a rule of `[fetch] allow`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "write an address or a network: \"127.0.0.1\", \"10.1.2.3:8080\", \"192.168.0.0/24\", \"[::1]:8080\" or \"fd00::/8\""
)]
pub struct BadAllowed;

impl Allowed {
    /// Whether a connection to `ip` on `port` is allowed by this rule. IPv4-mapped IPv6 addresses
    /// count as the IPv4 address they hold.
    #[must_use]
    pub fn covers(&self, ip: IpAddr, port: u16) -> bool {
        if self.port.is_some_and(|only| only != port) {
            return false;
        }
        match (self.network, ip.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(ip)) => {
                same_prefix(network.to_bits().into(), ip.to_bits().into(), 32, self.prefix_bits)
            }
            (IpAddr::V6(network), IpAddr::V6(ip)) => {
                same_prefix(network.to_bits(), ip.to_bits(), 128, self.prefix_bits)
            }
            _ => false,
        }
    }

    /// The port this rule names, which then counts as named by feeds.toml.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.port
    }
}

fn same_prefix(a: u128, b: u128, width_bits: u8, prefix_bits: u8) -> bool {
    prefix_bits == 0 || (a ^ b) >> (width_bits - prefix_bits) == 0
}

impl std::str::FromStr for Allowed {
    type Err = BadAllowed;

    fn from_str(text: &str) -> Result<Self, BadAllowed> {
        if let Some((address, bits)) = text.split_once('/') {
            let network: IpAddr = address.parse().map_err(|_| BadAllowed)?;
            let prefix_bits: u8 = bits.parse().map_err(|_| BadAllowed)?;
            let width_bits = if network.is_ipv4() { 32 } else { 128 };
            return if prefix_bits <= width_bits {
                Ok(Self { network, prefix_bits, port: None })
            } else {
                Err(BadAllowed)
            };
        }
        let (network, port) = match (text.parse::<IpAddr>(), text.parse::<std::net::SocketAddr>()) {
            (Ok(ip), _) => (ip, None),
            (_, Ok(socket)) => (socket.ip(), Some(socket.port())),
            _ => return Err(BadAllowed),
        };
        Ok(Self { network, prefix_bits: if network.is_ipv4() { 32 } else { 128 }, port })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rule: &str, ip: &str, port: u16, want: bool) {
        let rule: Allowed = rule.parse().unwrap();
        assert_eq!(rule.covers(ip.parse().unwrap(), port), want);
    }

    #[test]
    fn a_rule_covers_its_network_and_port_only() {
        check("127.0.0.1", "127.0.0.1", 1, true);
        check("127.0.0.1", "127.0.0.2", 1, false);
        check("127.0.0.1:8080", "127.0.0.1", 8080, true);
        check("127.0.0.1:8080", "127.0.0.1", 8081, false);
        check("10.0.0.0/8", "10.255.0.1", 443, true);
        check("10.0.0.0/8", "11.0.0.1", 443, false);
        check("0.0.0.0/0", "9.9.9.9", 443, true);
        check("[::1]:8080", "::1", 8080, true);
        check("fd00::/8", "fd12::1", 80, true);
        check("127.0.0.1", "::ffff:127.0.0.1", 80, true);
        check("127.0.0.0/8", "::1", 80, false);
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", "localhost", "10.0.0.0/33", "10.0.0.0/x", "fd00::/129", "1.2.3", "10.0.0.1:99999"] {
            assert_eq!(text.parse::<Allowed>(), Err(BadAllowed), "{text}");
        }
    }
}
