//! Stories → files: from outside over small hand-made stories, and through the binary.

mod about;
mod composition;
mod contract;
mod credits;
mod digests;
mod editions;
mod files;
mod filters;
mod first_publish;
mod hostile;
mod html_page;
mod importers;
mod links;
mod others;
mod outputs;
mod polls;
mod posting;
mod posts;
mod recover;
mod rewrites;
mod seed_post;
mod snapshots;
mod takedown;
mod trust;
mod verdicts;
mod world;
