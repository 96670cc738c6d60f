//! `feedloom demo`: one real pass over sample feeds served from within this process.

mod command;
mod folder;
mod origin;
mod samples;
mod template;
mod closing;
mod outputs;
mod pages;

pub(super) use command::{Args, start};
