//! `run --dry-run --with OTHER.toml`: what another configuration would gain, lose or regroup.

mod command;
mod difference;
mod show;

pub(super) use command::{Form, run};
