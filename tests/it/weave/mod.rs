//! Which entries become one story, and what a person says about it.

mod corrections;
mod paths;
mod stories;
mod undo;
mod window;
