//! `include`, `exclude` and `min_outlets` of an output, judged on stories as that output shows them.

use jiff::Timestamp;

use super::coverage::Shown;
use super::outlet::outlets_of;
use super::rule::Rule;
use super::tally::tally;
use crate::config::{FilterTest, Order, OutputConfig, OutputRule, OutputTest, Refusal};
use crate::model::{Coverage, Outlets, Signal, SignalKind};

/// Leaves in `seen` what the rules of `output` about single articles let pass; the rule, if that is nothing.
///
/// A rule about the language or a paywall, or one that excludes words or an outlet, is about one article: another one of the
/// story may lead in its place, and nobody takes others' articles out by what he says himself.
pub(super) fn keep_shown(
    output: &OutputConfig,
    outlets: &Outlets<'_>,
    seen: &mut Vec<(Shown<'_>, Timestamp)>,
) -> Option<Rule> {
    let rules = &output.rules;
    if rules.is_empty() {
        return None;
    }
    let refusal = |shown: &Shown<'_>| {
        let excludes = |rule: &&OutputRule| rule.test.excludes_articles() && article_passes(&rule.test, shown, outlets);
        if let Some(rule) = rules.exclude.iter().find(excludes) {
            return Some(rule.excludes());
        }
        let first = rules.include.first().filter(|_| rules.include.iter().all(|rule| rule.test.includes_articles()))?;
        let is_included = rules.include.iter().any(|rule| article_passes(&rule.test, shown, outlets));
        (!is_included).then_some(Refusal::NotIncluded { line: first.line })
    };
    let first = refusal(&seen.first()?.0);
    seen.retain(|(shown, _)| refusal(shown).is_none());
    first.filter(|_| seen.is_empty()).map(Rule::OfOutput)
}

/// What a story counts for that `output` shows as `seen`, the leading entry first, where the output asks for that.
///
/// # Errors
/// The rule of the output that keeps the story out.
pub(super) fn judge(
    output: &OutputConfig,
    seen: &[(Shown<'_>, Timestamp)],
    outlets: &Outlets<'_>,
) -> Result<Option<Coverage>, Rule> {
    let rules = &output.rules;
    let asks = |rule: &OutputRule| matches!(rule.test, OutputTest::OutletsAtLeast(_));
    let is_counted = output.order == Order::Top
        || rules.min_outlets.is_some()
        || rules.include.iter().chain(&rules.exclude).any(asks);
    let entries = || seen.iter().map(|(shown, _)| *shown).collect::<Vec<_>>();
    let coverage = is_counted.then(|| tally(&entries(), outlets));
    let count = coverage.as_ref().map_or(1, |coverage| coverage.outlets);
    if let Some(least) = rules.min_outlets.filter(|least| count < *least) {
        return Err(Rule::MinOutlets(least));
    }
    let Some((lead, _)) = seen.first() else { return Ok(coverage) };
    let finds = |test: &OutputTest| match test {
        OutputTest::OutletsAtLeast(least) => count >= *least,
        OutputTest::Entry(_) | OutputTest::Outlets(_) => {
            seen.iter().any(|(shown, _)| article_passes(test, shown, outlets))
        }
        OutputTest::Language(_) | OutputTest::Paywall(_) => article_passes(test, lead, outlets),
    };
    rules.refusal(finds).map_or(Ok(coverage), |refusal| Err(Rule::OfOutput(refusal)))
}

fn article_passes(test: &OutputTest, shown: &Shown<'_>, outlets: &Outlets<'_>) -> bool {
    match test {
        OutputTest::Language(test) => {
            let language = shown.entry.language.as_deref().or(shown.source.language.as_deref());
            language.is_some_and(|language| is_language(language, test))
        }
        OutputTest::Paywall(is) => is_paywalled(shown) == *is,
        OutputTest::Outlets(test) => is_by(shown, outlets, test),
        OutputTest::Entry(filter) => filter.finds(shown.entry),
        OutputTest::OutletsAtLeast(_) => false,
    }
}

/// Whether `test` holds for a language tag or for a shorter form of it: `zh-Hant-TW` is `zh-Hant` and `zh`, too.
fn is_language(tag: &str, test: &FilterTest) -> bool {
    let ends = tag.match_indices(['-', '_']).map(|(at, _)| at).chain([tag.len()]);
    ends.into_iter().any(|end| test.holds_for(&tag[..end]))
}

/// Whether its publisher says that it is not free to read (schema.org `isAccessibleForFree`).
fn is_paywalled(shown: &Shown<'_>) -> bool {
    let is_not_free =
        |signal: &Signal| signal.kind == SignalKind::AccessibleForFree && signal.value.eq_ignore_ascii_case("false");
    shown.entry.signals.iter().any(is_not_free)
}

/// Whether `test` holds for an outlet behind an entry: its host, or the name that it has there. What an untrusted source
/// names beyond the first, or calls itself on others' hosts, counts for nothing.
fn is_by(shown: &Shown<'_>, outlets: &Outlets<'_>, test: &FilterTest) -> bool {
    let most = if shown.source.trusted { usize::MAX } else { 1 };
    outlets_of(shown, outlets).iter().take(most).any(|outlet| {
        (outlet.host.is_none() && test.holds_for(&outlet.name))
            || outlet.url.host_str().is_some_and(|host| test.holds_for(host.trim_start_matches("www.")))
    })
}
