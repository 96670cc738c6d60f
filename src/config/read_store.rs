//! `[store]` from its table to a checked [`StoreConfig`].

use jiff::SignedDuration;

use super::duration::{self, Sign};
use super::output::{Format, OutputConfig};
use super::post::PostConfig;
use super::settings::{StoreConfig, WeaveConfig};
use super::table::{At, Table};

/// How long entries keep their texts: half a year is more than any output shows by default.
const KEEP: SignedDuration = SignedDuration::from_hours(24 * 180);
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// Kept beyond the look-back: clocks differ, and a source may come late.
const MARGIN: SignedDuration = DAY;

/// What looks back on entries.
pub(super) struct Spans<'a> {
    pub(super) weave: &'a WeaveConfig,
    pub(super) outputs: &'a [OutputConfig],
    pub(super) posts: &'a [PostConfig],
}

/// Reads `[store]`; less than the look-back of `spans` is wrong.
pub(super) fn read_store(table: Option<Table<'_>>, spans: &Spans<'_>) -> StoreConfig {
    let shown = spans.longest().0;
    let Some(table) = table else { return StoreConfig { keep: Some(KEEP.max(shown)), shown } };
    let keep = match table.words("keep") {
        None => Some(KEEP.max(shown)),
        Some(text) if text.value.trim() == "forever" => None,
        Some(text) => Some(read_keep(&table, &text, spans)),
    };
    table.finish();
    StoreConfig { keep, shown }
}

fn read_keep(table: &Table<'_>, text: &At<&str>, spans: &Spans<'_>) -> SignedDuration {
    let Some(keep) = duration::parse(text.value, Sign::None) else {
        let instead = "write a number with a unit, such as \"180d\", or \"forever\"";
        table.wrong(text.at.clone(), format!("{:?} is no duration", text.value), instead);
        return KEEP;
    };
    let (least, why) = spans.longest();
    if keep < least {
        let days = (least.as_secs() + 86_399) / 86_400;
        let what = format!("`keep` is shorter than {why}");
        table.wrong(text.at.clone(), what, format!("write at least \"{days}d\""));
    }
    keep
}

impl Spans<'_> {
    /// The least that has to be kept, and for what.
    fn longest(&self) -> (SignedDuration, String) {
        let with_margin = |span: SignedDuration| span.saturating_add(MARGIN);
        let mut longest = (with_margin(self.weave.lookback), "the lookback of [weave] and a day".to_owned());
        for output in self.outputs.iter().chain(self.posts.iter().map(|post| &post.output)) {
            let days = if output.format == Format::Html { output.archive } else { 0 };
            let days = i32::try_from(days).unwrap_or(i32::MAX);
            let archive = (DAY.saturating_mul(days), format!("the archive of {} and a day", output.file));
            let age = output.max_age.map(|age| (age, format!("the max_age of {} and a day", output.file)));
            let shown = (output.span, format!("the span of {} and a day", output.file));
            for (span, why) in age.into_iter().chain([archive, shown]) {
                if with_margin(span) > longest.0 {
                    longest = (with_margin(span), why);
                }
            }
        }
        longest
    }
}
