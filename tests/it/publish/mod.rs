//! Stories → files, from outside: `feedloom::publish` over small hand-made stories.

mod contract;
mod files;
mod hostile;
mod snapshots;
mod world;
