//! The command line as its users meet it.

mod first_steps;
mod starter;
