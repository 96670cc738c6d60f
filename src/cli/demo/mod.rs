//! `feedloom demo`: one real pass over sample feeds that a server in this process serves.

mod command;
mod folder;
mod origin;
mod samples;
mod template;
mod closing;
mod outputs;
mod pages;

pub(super) use command::{Args, start};
