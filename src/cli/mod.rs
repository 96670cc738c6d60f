//! The command line: one file per command, printing, exit codes.

mod allocator;
mod command;
mod exit;
mod session;
mod clock;
mod console;
mod plural;
mod wrap;
mod explain;
mod run;
mod dry_run;
mod compare;
mod report;
mod gather;
mod weave;
mod same_story;
mod replay;
mod publish;
#[cfg(unix)]
mod serve;
mod init;
mod one_document;
mod subscribe;
mod export;
mod check;
mod findings;
mod trial;
mod verdicts;
mod status;
mod inspect;
mod article;
mod rights;
mod why;
mod split;
mod join;
mod corrections;
mod takedown;
mod search;
mod backup;
mod demo;
mod completions;
mod licenses;
mod reference;

pub use command::main;
