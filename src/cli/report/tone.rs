use crate::cli::console;
use crate::cli::exit::Exit;
use crate::cli::session::Session;

/// How much is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Tone {
    /// Only what someone has to act on: a source that starts to fail for good or is back, a failed output.
    Cron,
    /// What was done, and every failure.
    Person,
    /// Only what failed altogether.
    Quiet,
}

/// How much to report: for a person at a terminal, or for a log; a run that achieved nothing is reported in full.
pub(in crate::cli) fn tone(session: &Session, exit: Exit) -> Tone {
    if exit == Exit::Nothing || session.verbose || console::is_terminal() && !session.quiet {
        Tone::Person
    } else if session.quiet {
        Tone::Quiet
    } else {
        Tone::Cron
    }
}
