//! Kills of the whole program, at random and at chosen moments.

mod at_random;
mod chosen_moments;
