//! What is remembered of a source, as far as it still applies under the current feeds.toml. Pure.

use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::request::Route;
use crate::config::{Config, FutureDates, Identity, Listing, SourceConfig};
use crate::store::SourceState;
use crate::text::Selector;

/// Raised whenever the reader makes different entries from the same bytes: every source is then asked afresh.
const READER_EDITION: u32 = 1;

/// A source that moved is asked at its address in feeds.toml again after this long.
const REVISITED_AFTER: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What is remembered of `source`; nothing if its address in feeds.toml is a different one, and no
/// validators if it is to be read differently from last time.
pub(super) fn known_state(stored: Option<SourceState>, source: &SourceConfig) -> SourceState {
    let address = String::from(without_user_info(source.address.to_url()));
    let read_as = read_as(source);
    match stored {
        Some(state) if state.address == address && state.read_as == read_as => state,
        Some(state) if state.address == address => SourceState { read_as, validators: None, body_hash: None, ..state },
        _ => SourceState::new(source.id.clone(), address, read_as),
    }
}

/// A source that is gone permanently is asked once more when feeds.toml changes.
pub(super) fn ask_once_more(state: &mut SourceState, config: &Config) {
    if state.gone_for_good && state.gone_under.is_some_and(|under| under != config.fingerprint) {
        (state.gone_for_good, state.gone_under) = (false, None);
    }
}

/// Where the first request for `source` goes at `now`, and by which route.
///
/// A source that moved is asked where it moved to, and once a week at its address in feeds.toml: the move may have been
/// a mistake there, or a stranger's doing.
pub(super) fn first_stop(source: &SourceConfig, state: &SourceState, now: Timestamp) -> (Url, Route) {
    let own = || without_user_info(source.address.to_url());
    match &state.moved_to {
        Some(_) if is_to_be_revisited(state, now) => (own(), Route::Revisit),
        Some(moved_to) => (moved_to.clone(), Route::Usual),
        None => (own(), Route::Usual),
    }
}

/// The address of [`first_stop`].
pub(super) fn first_url(source: &SourceConfig, state: &SourceState, now: Timestamp) -> Url {
    first_stop(source, state, now).0
}

/// While a source is asked where it moved to, `moving` records since when its own address was not asked.
fn is_to_be_revisited(state: &SourceState, now: Timestamp) -> bool {
    match &state.moving {
        Some(moving) if state.moved_to.as_ref() == Some(&moving.to) => {
            now.duration_since(moving.since) >= REVISITED_AFTER
        }
        // A further move is under watch.
        Some(_) => false,
        None => true,
    }
}

pub(super) fn without_user_info(mut url: Url) -> Url {
    // Only a URL that can have none refuses.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}

/// The settings that change which entries are made from the same bytes, as they are stored. Frozen: a different
/// spelling makes every source of every installation be read again.
fn read_as(source: &SourceConfig) -> String {
    let mut read_as = format!(
        "reader={READER_EDITION} identity={} future_dates={} date_offset={} encoding={} base_url={}",
        identity_code(source.identity),
        future_dates_code(source.future_dates),
        source.date_offset.as_secs(),
        source.encoding.map_or("-", encoding_rs::Encoding::name),
        source.base_url.as_ref().map_or("-", Url::as_str),
    );
    if let Some(listing) = &source.listing {
        let css = |css: &Option<Selector>| css.as_ref().map_or("-", Selector::as_str).to_owned();
        let Listing { items, title, link, date, summary } = listing;
        let parts = [title, link, date, summary].map(css).join(" | ");
        read_as.push_str(&format!(" list={} | {parts}", items.as_str()));
    }
    read_as
}

fn identity_code(identity: Identity) -> &'static str {
    match identity {
        Identity::Guid => "guid",
        Identity::Link => "link",
        Identity::Title => "title",
    }
}

fn future_dates_code(future_dates: FutureDates) -> &'static str {
    match future_dates {
        FutureDates::Clamp => "clamp",
        FutureDates::Keep => "keep",
        FutureDates::Drop => "drop",
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn source(keys: &str) -> SourceConfig {
        let text = format!("title = \"T\"\n[[source]]\nurl = \"https://a.example/f\"\n{keys}");
        Config::parse(Path::new("/feeds.toml"), &text).unwrap().sources.remove(0)
    }

    #[test]
    fn what_is_stored_of_how_a_source_is_read_never_changes_its_spelling() {
        let plain = "reader=1 identity=guid future_dates=clamp date_offset=0 encoding=- base_url=-";
        assert_eq!(read_as(&source("")), plain);
        let full = "identity = \"link\"\nfuture_dates = \"keep\"\ndate_offset = \"90m\"\nencoding = \"latin1\"\n\
                    base_url = \"https://b.example/x\"\n";
        let want = "reader=1 identity=link future_dates=keep date_offset=5400 encoding=windows-1252 base_url=https://b.example/x";
        assert_eq!(read_as(&source(full)), want);
        let list = "items = \"article\"\ntitle = \"h2 a\"\n";
        assert_eq!(read_as(&source(list)), format!("{plain} list=article | h2 a | - | - | -"));
        for (value, code) in [("guid", "guid"), ("link", "link"), ("title", "title")] {
            assert_eq!(identity_code(source(&format!("identity = \"{value}\"\n")).identity), code);
        }
        for (value, code) in [("clamp", "clamp"), ("keep", "keep"), ("drop", "drop")] {
            assert_eq!(future_dates_code(source(&format!("future_dates = \"{value}\"\n")).future_dates), code);
        }
    }

    #[test]
    fn a_source_read_in_another_way_forgets_its_validators_and_at_another_address_everything() {
        let known = SourceState { body_hash: Some([1; 32]), failures: 2, ..known_state(None, &source("")) };
        assert_eq!(known_state(Some(known.clone()), &source("")), known);
        assert_eq!(known.address, "https://a.example/f");
        let anew = known_state(Some(known.clone()), &source("identity = \"link\"\n"));
        assert_eq!((anew.body_hash, anew.failures), (None, 2));
        let moved = SourceState { address: "https://a.example/other".to_owned(), ..known };
        assert_eq!(known_state(Some(moved), &source("")).failures, 0);
    }
}
