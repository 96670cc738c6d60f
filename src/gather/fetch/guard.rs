//! The address guard: no request leaves for an address that is not public, unless feeds.toml allows it.
//!
//! Every hop is checked twice: the parsed host ([`Guard::check`]), because a literal address never
//! reaches a resolver, and every address that a name resolves to ([`GuardedResolver`]), because a name
//! can point anywhere. The connection goes to the addresses that were checked, never to a second lookup. Only a proxy
//! looks names up by itself (but for socks5): what a name leads to there is the proxy's to refuse.

use std::collections::{BTreeSet, HashMap};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use crate::config::{Allowed, Config, SourceAddress};
use crate::text::is_local_name;

/// Ports that any source may be on.
const USUAL_PORTS: [u16; 4] = [80, 443, 8080, 8443];

/// How long a name is looked up that a proxy is to be asked for.
const LOOK_UP_LIMIT: Duration = Duration::from_secs(5);

/// Why the guard refuses an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// Not http or https.
    #[error("the address guard refuses {scheme}: addresses; only http and https are fetched")]
    Scheme {
        /// The scheme.
        scheme: String,
    },
    /// No host in it.
    #[error("the address guard refuses an address without a host")]
    NoHost,
    /// A port that feeds.toml does not name.
    #[error("the address guard refuses port {port} of {host}")]
    Port {
        /// The host.
        host: String,
        /// The port.
        port: u16,
    },
    /// Through a proxy, which would look it up: a name that only this network knows.
    #[error("the address guard refuses {host}: it is a name of the local network")]
    LocalName {
        /// The host.
        host: String,
    },
    /// An address that is not public.
    #[error("the address guard refuses {host}: {address} is not a public address")]
    NotPublic {
        /// The host as written.
        host: String,
        /// The address.
        address: IpAddr,
    },
}

impl Refused {
    /// The address, if it is refused for not being public.
    pub(crate) fn not_public(&self) -> Option<IpAddr> {
        match self {
            Self::NotPublic { address, .. } => Some(*address),
            Self::Scheme { .. } | Self::NoHost | Self::Port { .. } | Self::LocalName { .. } => None,
        }
    }
}

/// The rules of one run.
#[derive(Debug)]
pub(crate) struct Guard {
    allow: Vec<Allowed>,
    ports: BTreeSet<u16>,
    /// The host of the proxy, to which alone connections are made if there is one.
    proxy: Option<String>,
    /// Names that were asked for, with their ports: a resolver does not learn the port.
    names: Mutex<HashMap<String, BTreeSet<u16>>>,
}

impl Guard {
    /// The guard that `config` asks for: its allow rules, and the ports that it names.
    pub(crate) fn new(config: &Config) -> Self {
        // A list elsewhere opens no port: only feeds.toml does.
        let named = config.sources.iter().filter(|source| source.list.is_none());
        let of_sources = named.filter_map(|source| match &source.address {
            SourceAddress::Http(url) => url.port_or_known_default(),
            SourceAddress::File(_) => None,
        });
        let of_hubs = config.outputs.iter().filter_map(|output| output.hub.as_ref()?.port_or_known_default());
        let of_rules = config.fetch.allow.iter().filter_map(Allowed::port);
        Self {
            allow: config.fetch.allow.clone(),
            proxy: config.fetch.proxy.as_ref().and_then(|proxy| Some(proxy.address().host_str()?.to_owned())),
            ports: USUAL_PORTS.into_iter().chain(of_sources).chain(of_hubs).chain(of_rules).collect(),
            names: Mutex::default(),
        }
    }

    /// Whether a request may leave for `url`; the addresses of a name are checked when it is resolved.
    pub(crate) fn check(&self, url: &Url) -> Result<(), Refused> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Refused::Scheme { scheme: url.scheme().to_owned() });
        }
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return Err(Refused::NoHost);
        };
        match host {
            Host::Ipv4(ip) => self.check_literal(ip.into(), port, &host),
            Host::Ipv6(ip) => self.check_literal(ip.into(), port, &host),
            Host::Domain("") => Err(Refused::NoHost),
            Host::Domain(name) => {
                self.check_port(port, &host)?;
                let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
                match names.get_mut(name) {
                    Some(ports) => _ = ports.insert(port),
                    None => _ = names.insert(name.to_owned(), BTreeSet::from([port])),
                }
                Ok(())
            }
        }
    }

    /// Whether a proxy may be asked for `url`, which let [`Guard::check`] pass: what its name leads to here, and where
    /// nobody here knows it, that it is no name of a local network. Without a proxy, that is the resolver's part.
    pub(crate) async fn check_for_proxy(&self, url: &Url) -> Result<(), Refused> {
        let (true, Some(Host::Domain(name))) = (self.proxy.is_some(), url.host()) else { return Ok(()) };
        let looked_up = tokio::time::timeout(LOOK_UP_LIMIT, tokio::net::lookup_host((name, 0))).await;
        match looked_up {
            Ok(Ok(answers)) => self.vet(name, answers.collect()).map(drop),
            _ if is_local_name(name) => Err(Refused::LocalName { host: name.to_owned() }),
            _ => Ok(()),
        }
    }

    /// A rule without a port opens every port of its addresses.
    fn check_literal(&self, ip: IpAddr, port: u16, host: &dyn std::fmt::Display) -> Result<(), Refused> {
        if self.allow.iter().any(|rule| rule.covers(ip, port)) {
            return Ok(());
        }
        self.check_ip(ip, port, host)?;
        self.check_port(port, host)
    }

    fn check_port(&self, port: u16, host: &dyn std::fmt::Display) -> Result<(), Refused> {
        if self.ports.contains(&port) { Ok(()) } else { Err(Refused::Port { host: host.to_string(), port }) }
    }

    fn check_ip(&self, ip: IpAddr, port: u16, host: &dyn std::fmt::Display) -> Result<(), Refused> {
        if is_public(ip) || self.allow.iter().any(|rule| rule.covers(ip, port)) {
            Ok(())
        } else {
            Err(Refused::NotPublic { host: host.to_string(), address: ip })
        }
    }

    /// The answers for `name`, or a refusal if one of them may not be connected to on a port that
    /// with which the name was requested.
    fn vet(&self, name: &str, answers: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, Refused> {
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(ports) = names.get(name) else {
            // The client asks only for names that `check` let through.
            return Err(Refused::NoHost);
        };
        for answer in &answers {
            for port in ports {
                self.check_ip(answer.ip(), *port, &name)?;
            }
        }
        Ok(answers)
    }
}

/// The system's resolver behind the guard.
pub(crate) struct GuardedResolver(pub(crate) Arc<Guard>);

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = Arc::clone(&self.0);
        Box::pin(async move {
            let answers: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            // The operator named the proxy; what it is asked for was checked before.
            if guard.proxy.as_deref() == Some(name.as_str()) {
                return Ok(Box::new(answers.into_iter()) as Addrs);
            }
            let vetted = guard.vet(name.as_str(), answers)?;
            Ok(Box::new(vetted.into_iter()) as Addrs)
        })
    }
}

/// Whether `ip`, and every address hidden in it, belongs to the public internet (RFC 6890 and the
/// registries it founded). Documentation networks count as public: nobody answers there.
pub(crate) fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    !(a == 0
        || a == 10
        || a == 127
        || (a == 100 && (b & 0xC0) == 64)
        || (a == 169 && b == 254)
        || (a == 172 && (b & 0xF0) == 16)
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 168)
        || (a == 198 && (b & 0xFE) == 18)
        || a >= 224)
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let bits = ip.to_bits();
    let has_prefix = |prefix: u128, width: u32| (bits ^ prefix) >> (128 - width) == 0;
    let refused = has_prefix(0xFC00 << 112, 7)      // unique local
        || has_prefix(0xFE80 << 112, 10)            // link-local
        || has_prefix(0xFEC0 << 112, 10)            // site-local, deprecated
        || has_prefix(0xFF00 << 112, 8)             // multicast
        || has_prefix(0x0100 << 112, 64)            // discard-only, RFC 6666
        || has_prefix(0x0064_FF9B_0001 << 80, 48); // local-use NAT64, RFC 8215
    !refused && hidden_v4(ip).into_iter().flatten().all(is_public_v4)
}

/// The IPv4 addresses that hide in `ip`: where a translator or a tunnel would take the packet.
fn hidden_v4(ip: Ipv6Addr) -> [Option<Ipv4Addr>; 2] {
    let bits = ip.to_bits();
    let low = Ipv4Addr::from_bits(bits as u32);
    let at = |shift: u32| Ipv4Addr::from_bits((bits >> shift) as u32);
    match ip.segments() {
        // IPv4-compatible (RFC 4291 §2.5.5.1; holds :: and ::1 too), IPv4-mapped (§2.5.5.2)
        [0, 0, 0, 0, 0, 0, ..] | [0, 0, 0, 0, 0, 0xFFFF, ..] => [Some(low), None],
        // IPv4-translated (RFC 2765), NAT64 (RFC 6052)
        [0, 0, 0, 0, 0xFFFF, 0, ..] | [0x64, 0xFF9B, 0, 0, 0, 0, ..] => [Some(low), None],
        // 6to4 (RFC 3056)
        [0x2002, ..] => [Some(at(80)), None],
        // Teredo (RFC 4380 §4): the server, and the client with its bits inverted
        [0x2001, 0, ..] => [Some(at(64)), Some(Ipv4Addr::from_bits(!(bits as u32)))],
        // ISATAP (RFC 5214 §6.1)
        [_, _, _, _, 0 | 0x0200, 0x5EFE, ..] => [Some(low), None],
        _ => [None, None],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(allow: &[&str], ports: &[u16]) -> Guard {
        Guard {
            proxy: None,
            allow: allow.iter().map(|rule| rule.parse().unwrap()).collect(),
            ports: USUAL_PORTS.iter().chain(ports).copied().collect(),
            names: Mutex::default(),
        }
    }

    #[track_caller]
    fn refuses(url: &str) {
        let url = Url::parse(url).unwrap();
        assert!(guard(&[], &[]).check(&url).is_err(), "{url} was let through");
    }

    #[track_caller]
    fn passes(allow: &[&str], url: &str) {
        assert_eq!(guard(allow, &[]).check(&Url::parse(url).unwrap()), Ok(()));
    }

    #[test]
    fn addresses_that_are_not_public_are_refused_at_both_ends_of_their_range() {
        for ip in [
            "0.0.0.0",
            "0.255.255.255",
            "10.0.0.0",
            "10.255.255.255",
            "100.64.0.0",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.255",
            "169.254.0.0",
            "169.254.169.254",
            "172.16.0.0",
            "172.31.255.255",
            "192.0.0.0",
            "192.0.0.255",
            "192.168.0.0",
            "192.168.255.255",
            "198.18.0.0",
            "198.19.255.255",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.0",
            "255.255.255.255",
        ] {
            refuses(&format!("http://{ip}/"));
        }
        for ip in
            ["::", "::1", "fc00::1", "fdff::1", "fe80::1", "febf::1", "fec0::1", "ff02::1", "100::1", "64:ff9b:1::1"]
        {
            refuses(&format!("http://[{ip}]/"));
        }
    }

    #[test]
    fn addresses_next_to_a_refused_range_pass() {
        for ip in [
            "1.0.0.0",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "191.255.255.255",
            "192.0.1.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
        ] {
            passes(&[], &format!("http://{ip}/"));
        }
        for ip in ["2a00::1", "2606:4700::1111", "64:ff9b::808:808", "2002:808:808::1", "::ffff:8.8.8.8"] {
            passes(&[], &format!("https://[{ip}]/"));
        }
    }

    /// T36.
    #[test]
    fn every_spelling_of_a_private_address_is_seen_through() {
        for host in [
            "2130706433",
            "2130706434",
            "0x7f000002",
            "0x7f.1",
            "0177.0.0.2",
            "127.2",
            "0",
            "10.0.0.1.",
            "\u{2460}\u{2466}.0.0.1.0x7f",
            "\u{ff11}\u{ff12}\u{ff17}.0.0.1",
            "%31%30.0.0.1",
            "\u{2460}\u{2461}\u{2466}.0.0.2",
            "10\u{3002}0\u{3002}0\u{3002}1",
        ] {
            match Url::parse(&format!("http://{host}/")) {
                Ok(url) => assert!(guard(&[], &[]).check(&url).is_err(), "{host} was read as {url}"),
                Err(_) => continue, // not an address at all: nothing is fetched
            }
        }
        for host in [
            "::ffff:10.0.0.1",
            "::ffff:7f00:1",
            "::10.0.0.1",
            "::ffff:0:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
            "2001:0:4136:e378:8000:63bf:f5ff:fffe",
            "2001:0:a00:1:0:0:f7f7:f7f7",
            "2a00::5efe:10.0.0.1",
            "2a00::200:5efe:10.0.0.1",
        ] {
            refuses(&format!("http://[{host}]/"));
        }
    }

    #[test]
    fn only_http_on_known_ports_passes() {
        for url in ["ftp://example.com/", "file:///etc/passwd", "gopher://example.com/", "data:,x"] {
            refuses(url);
        }
        refuses("http://example.com:22/");
        refuses("https://example.com:9090/");
        passes(&[], "http://example.com:8080/");
        passes(&[], "https://example.com:8443/");
        assert_eq!(guard(&[], &[9090]).check(&Url::parse("https://example.com:9090/").unwrap()), Ok(()));
    }

    #[test]
    fn an_allow_rule_opens_exactly_what_it_names() {
        passes(&["127.0.0.1/32"], "http://127.0.0.1/");
        passes(&["127.0.0.1/32"], "http://127.0.0.1:9090/");
        passes(&["127.0.0.1:8080"], "http://127.0.0.1:8080/");
        passes(&["127.0.0.1"], "http://[::ffff:127.0.0.1]/");
        for (rule, url) in [
            ("127.0.0.1/32", "http://127.0.0.2/"),
            ("127.0.0.1/32", "http://localhost:9090/"),
            ("127.0.0.1/32", "http://[::1]/"),
            ("127.0.0.1:8080", "http://127.0.0.1/"),
            ("127.0.0.1", "http://[64:ff9b::7f00:1]/"),
        ] {
            assert!(guard(&[rule], &[]).check(&Url::parse(url).unwrap()).is_err(), "{rule} opened {url}");
        }
    }

    /// T37.
    #[test]
    fn one_private_answer_refuses_the_name() {
        let guard = guard(&["10.0.0.9:8080"], &[]);
        let answers = |ips: &[&str]| -> Vec<SocketAddr> {
            ips.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), 0)).collect()
        };
        guard.check(&Url::parse("http://a.example/").unwrap()).unwrap();
        assert_eq!(guard.vet("a.example", answers(&["8.8.8.8"])).unwrap().len(), 1);
        for bad in [&["8.8.8.8", "10.0.0.1"][..], &["10.0.0.1"], &["::1", "8.8.8.8"], &["10.0.0.9"]] {
            assert!(guard.vet("a.example", answers(bad)).is_err(), "{bad:?}");
        }
        guard.check(&Url::parse("http://b.example:8080/").unwrap()).unwrap();
        assert!(guard.vet("b.example", answers(&["10.0.0.9"])).is_ok(), "the rule names the port asked for");
        guard.check(&Url::parse("http://b.example/").unwrap()).unwrap();
        assert!(guard.vet("b.example", answers(&["10.0.0.9"])).is_err(), "but not the other port");
        assert!(guard.vet("never-checked.example", answers(&["8.8.8.8"])).is_err());
    }

    /// What is refused in IPv4: address and prefix length.
    const REFUSED_V4: [([u8; 4], u32); 12] = [
        ([0, 0, 0, 0], 8),
        ([10, 0, 0, 0], 8),
        ([100, 64, 0, 0], 10),
        ([127, 0, 0, 0], 8),
        ([169, 254, 0, 0], 16),
        ([172, 16, 0, 0], 12),
        ([192, 0, 0, 0], 24),
        ([192, 168, 0, 0], 16),
        ([198, 18, 0, 0], 15),
        ([224, 0, 0, 0], 4),
        ([240, 0, 0, 0], 4),
        ([255, 255, 255, 255], 32),
    ];
    /// What is refused in IPv6: its first bits and their number.
    const REFUSED_V6: [(u128, u32); 6] = [
        (0xFC00 << 112, 7),
        (0xFE80 << 112, 10),
        (0xFEC0 << 112, 10),
        (0xFF00 << 112, 8),
        (0x0100 << 112, 64),
        (0x0064_FF9B_0001 << 80, 48),
    ];

    /// Every way in which `v4` can hide in an IPv6 address; `filler` is what surrounds it.
    fn hiding_places(v4: Ipv4Addr, filler: u128) -> [u128; 9] {
        let low = u128::from(v4.to_bits());
        let turned = u128::from(!v4.to_bits());
        let (below_80, below_32) = (filler & ((1 << 80) - 1), filler & 0xFFFF_FFFF);
        // The filler must not form a tunnel of its own.
        let network = (0x2A00_u128 << 112) | (filler & (0xFFFF_FFFF_FFFF << 64));
        [
            low,
            (0xFFFF << 32) | low,
            (0xFFFF << 48) | low,
            (0x0064_FF9B << 96) | low,
            (0x2002 << 112) | (low << 80) | below_80,
            (0x2001_0000 << 96) | (low << 64) | below_32,
            (0x2001_0000 << 96) | (filler & (0xFFFF_FFFF_FFFF_FFFF << 32) & ((1 << 96) - 1)) | turned,
            network | (0x5EFE << 32) | low,
            network | (0x0200_5EFE << 32) | low,
        ]
    }

    proptest::proptest! {
        #[test]
        fn nothing_inside_a_refused_range_passes_however_it_is_wrapped(host: u32, filler: u128) {
            for (network, width) in REFUSED_V4 {
                let hosts = u32::MAX.checked_shr(width).unwrap_or(0);
                let v4 = Ipv4Addr::from_bits(Ipv4Addr::from(network).to_bits() | (host & hosts));
                proptest::prop_assert!(!is_public(v4.into()), "{}", v4);
                for hiding in hiding_places(v4, filler) {
                    let v6 = Ipv6Addr::from_bits(hiding);
                    proptest::prop_assert!(!is_public(v6.into()), "{} in {}", v4, v6);
                    let url = Url::parse(&format!("http://[{v6}]/")).unwrap();
                    proptest::prop_assert!(guard(&[], &[]).check(&url).is_err(), "{}", url);
                }
            }
            for (network, width) in REFUSED_V6 {
                let v6 = Ipv6Addr::from_bits(network | (filler >> width));
                proptest::prop_assert!(!is_public(v6.into()), "{}", v6);
            }
        }

        #[test]
        fn an_address_hidden_in_another_is_as_public_as_itself(bits: u32) {
            let v4 = Ipv4Addr::from_bits(bits);
            let low = u128::from(bits);
            for hiding in [low, 0xFFFF_u128 << 32 | low, 0x0064_FF9B_u128 << 96 | low, 0x2002_u128 << 112 | low << 80] {
                proptest::prop_assert_eq!(is_public(Ipv6Addr::from_bits(hiding).into()), is_public_v4(v4));
            }
        }
    }
}
