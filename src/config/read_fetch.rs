//! `[fetch]` from its table to a checked [`FetchConfig`].

use std::time::Duration;

use jiff::SignedDuration;

use super::allow::Allowed;
use super::duration::{INTERVAL, LONGEST};
use super::proxy::read_proxy;
use super::settings::{FetchConfig, RobotsFor};
use super::table::Table;

/// Floor between two requests to one source: what the most patient publishers ask for.
const FLOOR: SignedDuration = SignedDuration::from_mins(30);
/// Least time between two request starts to one host.
const SPACING: Duration = Duration::from_secs(1);
/// Requests in flight over all hosts.
const PARALLELISM: usize = 16;
/// Time limit of one request with its body.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Time limit of all fetching in one run.
const DEADLINE: Duration = Duration::from_secs(600);
/// Largest decoded body: the largest real feeds seen have 5 MB.
const MAX_BODY_BYTES: u64 = 10 * 1024 * 1024;
const SECOND: SignedDuration = SignedDuration::from_secs(1);

pub(super) fn read_fetch(table: Option<Table<'_>>) -> FetchConfig {
    let mut fetch = FetchConfig {
        every: None,
        floor: FLOOR,
        spacing: SPACING,
        parallelism: PARALLELISM,
        timeout: TIMEOUT,
        deadline: DEADLINE,
        max_body_bytes: MAX_BODY_BYTES,
        allow: Vec::new(),
        user_agent: None,
        robots: RobotsFor::default(),
        proxy: None,
    };
    let Some(table) = table else { return fetch };
    let real = |duration: SignedDuration| Duration::try_from(duration).unwrap_or_default();
    fetch.every = table.duration("every", INTERVAL);
    fetch.floor = table.duration("floor", SignedDuration::ZERO..=LONGEST).unwrap_or(FLOOR);
    let minutes = |most| SignedDuration::ZERO..=SignedDuration::from_mins(most);
    fetch.spacing = table.duration("spacing", minutes(10)).map_or(SPACING, real);
    fetch.timeout = table.duration("timeout", SECOND..=SignedDuration::from_mins(10)).map_or(TIMEOUT, real);
    fetch.deadline = table.duration("deadline", SECOND..=SignedDuration::from_hours(24)).map_or(DEADLINE, real);
    if let Some(number) = table.whole("parallelism", 1..=1_000) {
        fetch.parallelism = usize::try_from(number).unwrap_or(PARALLELISM);
    }
    if let Some(bytes) = table.size("max_body", 1_024..=1024 * 1024 * 1024) {
        fetch.max_body_bytes = bytes;
    }
    for rule in table.texts("allow") {
        match rule.value.parse::<Allowed>() {
            Ok(allowed) => fetch.allow.push(allowed),
            Err(error) => table.wrong(rule.at, format!("{:?} is no address", rule.value), error.to_string()),
        }
    }
    fetch.user_agent = table.words("user_agent").and_then(|text| {
        let fits = text.value.bytes().all(|b| b == b' ' || b.is_ascii_graphic());
        if !fits {
            table.wrong(text.at.clone(), "`user_agent` goes into a request header and cannot hold this", "use ASCII");
        }
        fits.then(|| text.value.trim().to_owned())
    });
    fetch.robots =
        table.choice("robots", &[("articles", RobotsFor::Articles), ("all", RobotsFor::All)]).unwrap_or_default();
    fetch.proxy = read_proxy(&table);
    table.finish();
    fetch
}
