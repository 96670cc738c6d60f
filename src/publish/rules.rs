//! `include`, `exclude` and `min_outlets` of an output, judged on stories as that output shows them.

use jiff::Timestamp;

use super::coverage::Shown;
use super::outlet::outlets_of;
use super::rule::Rule;
use super::tally::tally;
use crate::config::{FilterTest, Order, OutputConfig, OutputRule, OutputRules, OutputTest};
use crate::model::{Coverage, Outlets, Signal, SignalKind};

/// Leaves in `seen` what the rules of `output` about single articles let pass; the rule, if that is nothing.
///
/// A rule about the language or a paywall is about one article: another one of the story may lead in its place.
pub(super) fn keep_shown(output: &OutputConfig, seen: &mut Vec<(Shown<'_>, Timestamp)>) -> Option<Rule> {
    let OutputRules { include, exclude, .. } = &output.rules;
    let are_of_articles = !include.is_empty() && include.iter().all(|rule| rule.test.is_of_article());
    let of_articles = OutputRules {
        include: if are_of_articles { include.clone() } else { Vec::new() },
        exclude: exclude.iter().filter(|rule| rule.test.is_of_article()).cloned().collect(),
        min_outlets: None,
    };
    let refusal = |shown: &Shown<'_>| of_articles.refusal(|test| article_passes(test, shown));
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
        OutputTest::Entry(filter) => filter.finds(lead.entry),
        OutputTest::Outlets(test) => seen.iter().any(|(shown, _)| is_by(shown, outlets, test)),
        OutputTest::OutletsAtLeast(least) => count >= *least,
        OutputTest::Language(_) | OutputTest::Paywall(_) => article_passes(test, lead),
    };
    rules.refusal(finds).map_or(Ok(coverage), |refusal| Err(Rule::OfOutput(refusal)))
}

fn article_passes(test: &OutputTest, shown: &Shown<'_>) -> bool {
    match test {
        OutputTest::Language(test) => {
            let language = shown.entry.language.as_deref().or(shown.source.language.as_deref());
            language.is_some_and(|language| {
                let primary = language.split(['-', '_']).next().unwrap_or(language);
                test.holds_for(language) || test.holds_for(primary)
            })
        }
        OutputTest::Paywall(is) => is_paywalled(shown) == *is,
        OutputTest::Entry(_) | OutputTest::Outlets(_) | OutputTest::OutletsAtLeast(_) => false,
    }
}

/// Whether its publisher says that it is not free to read (schema.org `isAccessibleForFree`).
fn is_paywalled(shown: &Shown<'_>) -> bool {
    let is_not_free =
        |signal: &Signal| signal.kind == SignalKind::AccessibleForFree && signal.value.eq_ignore_ascii_case("false");
    shown.entry.signals.iter().any(is_not_free)
}

fn is_by(shown: &Shown<'_>, outlets: &Outlets<'_>, test: &FilterTest) -> bool {
    outlets_of(shown, outlets).iter().any(|outlet| {
        test.holds_for(&outlet.name)
            || outlet.url.host_str().is_some_and(|host| test.holds_for(host.trim_start_matches("www.")))
    })
}
