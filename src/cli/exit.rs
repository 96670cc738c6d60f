/// Exit codes, never renumbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Exit {
    /// The outputs are current, or nothing was due.
    Current = 0,
    /// Everything that was asked failed and no other source does well, or an output could not be written.
    Nothing = 1,
    /// Wrong usage, or a wrong feeds.toml.
    Usage = 2,
    /// With `--strict`: a source failed.
    SourceFailed = 3,
    /// Another run holds the lock (`EX_TEMPFAIL` of sysexits.h).
    Locked = 75,
}
