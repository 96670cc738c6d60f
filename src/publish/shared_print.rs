//! What pages that are kept from one publish to the next depend on, but for their stories.

use super::fingerprint;
use super::input::Input;
use crate::config::OutputConfig;
use crate::text::Fingerprint;

/// Changes with everything other than the stories of a page of `output` that determines how they are shown.
pub(super) fn shared_print(input: &Input<'_>, output: &OutputConfig) -> i64 {
    let mut print = input.derived.print.get_or_init(|| print_of_all(input)).clone();
    print.add(&output.file);
    print.finish()
}

fn print_of_all(input: &Input<'_>) -> Fingerprint {
    let mut print = Fingerprint::new();
    print.add(env!("CARGO_PKG_VERSION"));
    print.add(&input.config.fingerprint.to_string());
    print.add(input.tag_base);
    input.taken_down.add_to(&mut print);
    for source in input.sources.values() {
        fingerprint::add_source(&mut print, source);
    }
    print
}
