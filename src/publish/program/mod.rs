//! Programs of the operator's: started without a shell, with little of our environment, within limits of time and size,
//! and ended with whatever they have started.

mod run;
mod strays;

pub(super) use run::{Limits, ProgramError, run};
