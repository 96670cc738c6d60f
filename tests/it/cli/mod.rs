//! The command line as its users meet it.

mod home;
mod in_between;
mod compare;
mod first_steps;
mod starter;
mod subscribe;
mod probe;
mod opml;
mod feedless;
mod proxy;
mod places;
mod documented;
mod status;
mod outage;
mod retention;
mod search;
mod reference;
