use crate::cli::console;
use crate::cli::exit::Exit;
use crate::cli::session::Session;

/// How much is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Tone {
    /// Only what needs attention: a source that starts to fail permanently or is back, a failed output.
    Cron,
    /// What was done, and every failure.
    Person,
    /// Only what failed entirely.
    Quiet,
}

/// How much to report: to an operator at a terminal, or to a log; a run that achieved nothing is reported in full.
pub(in crate::cli) fn tone(session: &Session, exit: Exit) -> Tone {
    if exit == Exit::Nothing || session.verbose || console::is_terminal() && !session.quiet {
        Tone::Person
    } else if session.quiet {
        Tone::Quiet
    } else {
        Tone::Cron
    }
}
