//! `/metrics`, in OpenMetrics 1.0, with names after the conventions of Prometheus.

use std::fmt::{Display, Write as _};
use std::fs;

use hyper::StatusCode;
use hyper::body::Bytes;
use hyper::header::HeaderValue;
use jiff::Timestamp;

use super::facts::Facts;
use super::reply::{Reply, of_type};
use super::shared::Shared;
use crate::websub::Subscriber;

const MEDIA_TYPE: HeaderValue = HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");

pub(super) fn reply(shared: &Shared) -> Reply {
    of_type(StatusCode::OK, MEDIA_TYPE, Bytes::from(text(shared)))
}

fn text(shared: &Shared) -> String {
    let mut page = Page::default();
    page.family("feedloom_build", "info", "What is running.");
    page.sample("feedloom_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1);
    of_passes(&mut page, &shared.facts.read());
    of_http(&mut page, shared);
    of_websub(&mut page, shared);
    of_hub(&mut page, shared);
    let bytes = shared.config().and_then(|config| fs::metadata(&config.database).ok()).map_or(0, |meta| meta.len());
    page.gauge("feedloom_database_size_bytes", "Size of the database file.", bytes);
    page.0.push_str("# EOF\n");
    page.0
}

fn of_passes(page: &mut Page, facts: &Facts) {
    page.family("feedloom_passes", "counter", "Passes since the start, by how they ended.");
    for (result, count) in [("done", facts.passes_done), ("failed", facts.passes_failed)] {
        page.sample("feedloom_passes_total", &[("result", result)], count);
    }
    page.gauge("feedloom_pass_running", "Whether a pass is running.", u8::from(facts.pass_since.is_some()));
    let seconds = |at: Option<Timestamp>| at.map_or(0, Timestamp::as_second);
    let ended = seconds(facts.last_pass.map(|(at, _)| at));
    page.gauge("feedloom_last_pass_timestamp_seconds", "When the last pass ended; 0: none did.", ended);
    let took = facts.last_pass.map_or(0.0, |(_, took)| took.as_secs_f64());
    page.gauge("feedloom_last_pass_duration_seconds", "How long the last pass took.", took);
    let published = seconds(facts.last_published);
    page.gauge("feedloom_last_publish_timestamp_seconds", "When all outputs were last as they should be.", published);
    page.gauge("feedloom_next_pass_timestamp_seconds", "When the next pass is to begin.", seconds(facts.next_pass));
    page.counter("feedloom_new_entries", "Entries that passes brought since the start.", facts.new_entries);
    let is_offline = u8::from(facts.is_offline);
    page.gauge("feedloom_offline", "Whether the last pass reached nobody: an outage of this machine.", is_offline);
    let is_valid = u8::from(!facts.is_config_wrong);
    page.gauge("feedloom_config_valid", "Whether feeds.toml can be used as it was read last.", is_valid);
    page.family("feedloom_sources", "gauge", "Sources by how they fare.");
    for (state, count) in &facts.sources {
        page.sample("feedloom_sources", &[("state", state)], count);
    }
    page.gauge("feedloom_served_files", "Files that are served.", facts.files.0);
    page.gauge(
        "feedloom_served_bytes",
        "What those of them that are in memory take there, in all encodings.",
        facts.files.1,
    );
}

fn of_http(page: &mut Page, shared: &Shared) {
    let counted = shared.door.counters.read();
    page.family("feedloom_http_requests", "counter", "Answers since the start, by their status code.");
    for (code, count) in shared.door.counters.by_code() {
        let code = if code == 0 { "other".to_owned() } else { code.to_string() };
        page.sample("feedloom_http_requests_total", &[("code", &code)], count);
    }
    page.counter("feedloom_http_response_body_bytes", "Bytes of bodies that were sent.", counted.body_bytes);
    let what = "Bytes of bodies that were not sent, because readers had them.";
    page.counter("feedloom_http_saved_bytes", what, counted.saved_bytes);
    page.counter("feedloom_http_connections", "Connections since the start.", counted.connections);
    page.gauge("feedloom_http_open_connections", "Connections that are open.", counted.open);
    page.counter("feedloom_http_malformed_requests", "Requests that were none.", counted.bad_requests);
    page.counter("feedloom_http_accept_errors", "Times that no connection could be taken.", counted.accept_errors);
    page.counter("feedloom_access_log_lost_lines", "Lines of the access log that found no room.", counted.unlogged);
}

fn of_websub(page: &mut Page, shared: &Shared) {
    let subscriber = shared.subscriber();
    let subscriber = subscriber.as_deref();
    page.family("feedloom_websub_subscriptions", "gauge", "Subscriptions at hubs, by how far they have come.");
    for (state, count) in subscriber.map(Subscriber::subscriptions).unwrap_or_default() {
        page.sample("feedloom_websub_subscriptions", &[("state", state)], count);
    }
    page.family("feedloom_websub_pushes", "counter", "Pushes of hubs since the start, by what became of them.");
    for (result, count) in subscriber.map(Subscriber::pushes).unwrap_or_default() {
        page.sample("feedloom_websub_pushes_total", &[("result", result)], count);
    }
}

fn of_hub(page: &mut Page, shared: &Shared) {
    let Some(hub) = shared.hub() else { return };
    page.gauge("feedloom_hub_subscribers", "Subscriptions to the feeds served here.", hub.subscribers());
    page.family("feedloom_hub_queue_length", "gauge", "What the hub has still to do.");
    for (kind, count) in hub.queue() {
        page.sample("feedloom_hub_queue_length", &[("kind", kind)], count);
    }
    page.family("feedloom_hub_deliveries", "counter", "Deliveries to subscribers since the start, by how they ended.");
    for (result, count) in hub.deliveries() {
        page.sample("feedloom_hub_deliveries_total", &[("result", result)], count);
    }
}

/// A page under way.
#[derive(Debug, Default)]
struct Page(String);

impl Page {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a string does not fail.
        let _ = writeln!(self.0, "# TYPE {name} {kind}");
        for unit in ["seconds", "bytes"] {
            if name.ends_with(&format!("_{unit}")) {
                let _ = writeln!(self.0, "# UNIT {name} {unit}");
            }
        }
        let _ = writeln!(self.0, "# HELP {name} {help}");
    }

    fn gauge(&mut self, name: &str, help: &str, value: impl Display) {
        self.family(name, "gauge", help);
        self.sample(name, &[], value);
    }

    fn counter(&mut self, name: &str, help: &str, value: impl Display) {
        self.family(name, "counter", help);
        self.sample(&format!("{name}_total"), &[], value);
    }

    /// Values of labels are words of ours: nothing in them has to be escaped.
    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        let labels: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_family_is_declared_once_and_named_by_the_conventions() {
        let text = text(&Shared::default());
        assert!(text.ends_with("\n# EOF\n"));
        let mut families = BTreeSet::new();
        let mut family = ("", "");
        for line in text.lines().filter(|line| *line != "# EOF") {
            if let Some(rest) = line.strip_prefix("# TYPE ") {
                family = rest.split_once(' ').unwrap();
                assert!(families.insert(family.0), "{line}");
                assert!(!family.0.ends_with("_total") && !family.0.ends_with("_info"), "{line}");
            } else if let Some(rest) = line.strip_prefix("# UNIT ") {
                let (name, unit) = rest.split_once(' ').unwrap();
                assert!(name == family.0 && name.ends_with(&format!("_{unit}")), "{line}");
            } else if line.starts_with("# HELP ") {
                assert!(line.ends_with('.'), "{line}");
            } else {
                let name = line.split(['{', ' ']).next().unwrap();
                let suffix = match family.1 {
                    "counter" => "_total",
                    "info" => "_info",
                    _ => "",
                };
                assert_eq!(name, format!("{}{suffix}", family.0), "{line}");
                assert!(line.rsplit(' ').next().unwrap().parse::<f64>().is_ok(), "{line}");
            }
        }
    }
}
