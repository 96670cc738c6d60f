//! Which entries become one story, and what a person says about it.

mod corrections;
mod stories;
mod window;
