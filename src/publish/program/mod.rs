//! Programs of the operator's: started without a shell, with little of our environment, within limits of time and size,
//! and ended with whatever they have started.

mod back_off;
mod run;
mod strays;

pub(super) use back_off::again_after;
pub(super) use run::{Limits, ProgramError, run};
