//! States in colour, on a terminal that wants it. The word alone is enough.

use crate::cli::console;

const GREEN: &str = "32";
const YELLOW: &str = "33";
const RED: &str = "31";
const DIM: &str = "2";

/// `word` in the colour of the state that it names; any other word unchanged.
pub(super) fn painted(word: &str) -> String {
    let colour = match word {
        "ok" => GREEN,
        "failing" | "dead" | "gone" => RED,
        "blocked" | "moved" => YELLOW,
        "new" | "disabled" => DIM,
        _ => return word.to_owned(),
    };
    if console::has_colour() { format!("\u{1b}[{colour}m{word}\u{1b}[0m") } else { word.to_owned() }
}
