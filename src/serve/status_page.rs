//! `/status`: how the sources fare, for the operator.

use hyper::StatusCode;
use hyper::body::Bytes;
use hyper::header::HeaderValue;
use jiff::{SignedDuration, Timestamp};

use super::due::state_name;
use super::facts::Facts;
use super::html::{self, escaped};
use super::reply::{Reply, of_type, plain};
use super::shared::Shared;
use crate::config::{Config, ListState, SourceConfig};
use crate::store::{Outage, SourceState, Store};

pub(super) fn reply(shared: &Shared, now: Timestamp) -> Reply {
    let Some(config) = shared.config() else { return plain(StatusCode::SERVICE_UNAVAILABLE, "not yet") };
    let read = |store: Store| Ok((store.source_states()?, store.outage()?));
    let (states, outage) = match Store::open_to_read(&config.database).and_then(read) {
        Ok(read) => read,
        Err(error) => return plain(StatusCode::SERVICE_UNAVAILABLE, error.to_string()),
    };
    let rows = config.sources.iter().map(|source| row(source, states.get(&source.id), now));
    let page = page(&config, &shared.facts.read(), outage.as_ref(), &rows.collect::<String>(), now);
    let mut reply = of_type(StatusCode::OK, HeaderValue::from_static("text/html; charset=utf-8"), Bytes::from(page));
    html::guard(reply.headers_mut());
    reply
}

fn page(config: &Config, facts: &Facts, outage: Option<&Outage>, rows: &str, now: Timestamp) -> String {
    let states: Vec<String> =
        facts.sources.iter().filter(|(_, count)| *count > 0).map(|(state, count)| format!("{count} {state}")).collect();
    let mut lines = vec![match facts.pass_since {
        Some(since) => format!("A pass is running since {}.", age(since, now)),
        None => facts.next_pass.map_or_else(String::new, |at| format!("The next pass begins at {at:.0}.")),
    }];
    if let Some((at, took)) = facts.last_pass {
        lines.push(format!("The last pass ended {} ago and took {:.1} s.", age(at, now), took.as_secs_f64()));
    }
    lines.push(match facts.last_published {
        Some(at) => format!("All outputs were last as they should be {} ago.", age(at, now)),
        None => "This service has not published yet.".to_owned(),
    });
    lines.push(format!("Sources: {}.", if states.is_empty() { "no pass yet".to_owned() } else { states.join(", ") }));
    if let Some(Outage { since, in_between }) = outage {
        let what = in_between.as_deref().unwrap_or("no pass has reached anybody");
        let ago = age(*since, now);
        lines.push(format!("Offline since {since:.0} ({ago}): {what}; check the network and the proxy."));
    }
    for list in &config.lists {
        let ListState { misses, failing, .. } = ListState::read(list);
        lines.extend(failing.map(|(since, why)| {
            let (id, since) = (&list.id, age(since, now));
            format!("The list {id} fails since {since}, {misses} in a row: {why}; its sources stay as they are.")
        }));
    }
    if facts.is_config_wrong {
        lines.push("feeds.toml as it is now is wrong: what was in force before is in force.".to_owned());
    }
    lines.extend(facts.problem.as_ref().map(|problem| format!("The last problem: {problem}")));
    let lines: String = lines.iter().map(|line| format!("<p>{}</p>\n", escaped(line))).collect();
    let title = escaped(&config.title);
    let body = format!(
        "<h1>{title}</h1>\n{lines}<table><thead><tr><th>Source</th><th>State</th><th>Last good answer</th><th>Next</th>\
         <th>What is wrong</th></tr></thead>\n<tbody>{rows}</tbody></table>"
    );
    html::page(&format!("Status · {}", config.title), &body)
}

fn row(source: &SourceConfig, state: Option<&SourceState>, now: Timestamp) -> String {
    let last =
        state.and_then(|state| state.last_success).map_or_else(|| "never".to_owned(), |at| age(at, now) + " ago");
    let next = match state.and_then(|state| state.due).map(|due| due.at) {
        _ if source.disabled => "-".to_owned(),
        Some(Some(at)) if at > now => format!("in {}", age(now, at)),
        Some(None) => "-".to_owned(),
        _ => "now".to_owned(),
    };
    let wrong = state.filter(|_| !source.disabled).and_then(|state| {
        let error = state.last_error.as_ref().filter(|_| state.failures > 0)?;
        Some(format!("{error} ({} in a row)", state.failures))
    });
    let cells = [source.id.as_str(), state_name(source, state), &last, &next, wrong.as_deref().unwrap_or_default()];
    let cells: String = cells.iter().map(|cell| format!("<td>{}</td>", escaped(cell))).collect();
    format!("<tr>{cells}</tr>\n")
}

/// From `from` to `to`, roughly.
fn age(from: Timestamp, to: Timestamp) -> String {
    let age = to.duration_since(from).max(SignedDuration::ZERO);
    match age.as_secs() {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7_200 => format!("{} min", seconds / 60),
        seconds @ 7_200..172_800 => format!("{} h", seconds / 3_600),
        seconds => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_page_holds_every_source_and_nothing_that_does_something() {
        let text = "title = \"<script>x</script>\"\n[[source]]\nid = \"a\"\nurl = \"https://a.example/\"\n";
        let config = Config::parse(Path::new("feeds.toml"), text).unwrap();
        let now: Timestamp = "2026-11-27T12:00:00Z".parse().unwrap();
        let mut state = SourceState::new(config.sources[0].id.clone(), String::new(), String::new());
        state.failures = 3;
        state.last_error = Some("the server answered <b>503</b>".to_owned());
        let row = row(&config.sources[0], Some(&state), now);
        assert!(row.contains("<td>a</td><td>failing</td><td>never</td>"), "{row}");
        assert!(row.contains("&lt;b&gt;503&lt;/b&gt; (3 in a row)"), "{row}");
        let facts = Facts { problem: Some("</p><script>".to_owned()), ..Facts::default() };
        let outage = Outage { since: "2026-11-27T09:00:00Z".parse().unwrap(), in_between: Some("<script>".to_owned()) };
        let page = page(&config, &facts, Some(&outage), &row, now);
        assert!(!page.contains("<script"), "{page}");
        assert!(page.contains("<p>Offline since 2026-11-27T09:00:00Z (3 h)"), "{page}");
    }

    #[test]
    fn a_list_that_fails_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let text = "title = \"T\"\n[[list]]\nid = \"mine\"\nurl = \"https://a.example/\"\n";
        let config = Config::parse(&folder.path().join("feeds.toml"), text).unwrap();
        let now: Timestamp = "2026-11-27T12:00:00Z".parse().unwrap();
        let page = || page(&config, &Facts::default(), None, "", now);
        assert!(!page().contains("The list"));
        let tried = ListState::default().asked_at("2026-11-27T09:00:00Z".parse().unwrap());
        tried.missed("it is <b>gone</b>").write(&config.lists[0]).unwrap();
        assert!(
            page().contains("<p>The list mine fails since 3 h, 1 in a row: it is &lt;b&gt;gone&lt;/b&gt;; its sources")
        );
    }

    #[test]
    fn ages_are_rough() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let now = at("2026-11-27T12:00:00Z");
        for (from, want) in [
            ("2026-11-27T11:59:00Z", "60 s"),
            ("2026-11-27T11:00:00Z", "60 min"),
            ("2026-11-27T00:00:00Z", "12 h"),
            ("2026-11-17T00:00:00Z", "10 days"),
            ("2026-11-27T13:00:00Z", "0 s"),
        ] {
            assert_eq!(age(at(from), now), want);
        }
    }
}
