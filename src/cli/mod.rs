//! The command line: one file per command, printing, exit codes.

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
mod report;
mod gather;
mod weave;
mod same_story;
mod replay;
mod publish;
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
mod demo;
mod completions;

pub use command::main;
