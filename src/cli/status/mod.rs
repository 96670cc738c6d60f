//! `status`: how the sources are doing, what needs attention, and how large everything is.

pub(super) mod command;
mod summary;
mod lists;
mod posts;
mod pushes;
mod rewrites;
mod tables;
mod one;
mod known;
mod sizes;
mod paint;
mod rough;
