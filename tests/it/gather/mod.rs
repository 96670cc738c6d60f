//! gather against a scripted publisher on loopback: what goes over the wire, when, and what is kept.

mod answers;
mod article_pages;
mod bad_servers;
mod conditional;
mod first_clock;
mod guids;
mod harness;
mod hints;
mod redirects;
mod robots;
mod score;
mod timing;
mod fairness;
mod websub;
