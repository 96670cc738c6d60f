//! What may be republished: signals as publishers write them → what they mean → how much may be published. Pure.
//!
//! `license.rs`, `directives.rs`, `rsl.rs` and `ai_preferences.rs` each read one vocabulary; `headers.rs`,
//! `robots_txt.rs` and `page.rs` find them where they are; `decide.rs` weighs them, the stricter wins, and
//! `sentence.rs` says it in words; `rewriting.rs` weighs them for programs that make a text of their own.

mod license;
mod directives;
pub(crate) mod rsl;
mod ai_preferences;
mod headers;
mod robots_txt;
mod page;
mod decide;
mod rewriting;
mod sentence;

pub(crate) use decide::{
    Allowance, Cause, House, allowance, forbids_all, licenses, may_be_mined, may_copy_picture, may_show_picture,
};
pub(crate) use headers::{Renewed, of_feed_headers, of_page_headers};
pub(crate) use license::License;
pub(crate) use page::of_page;
pub(crate) use rewriting::{Given, rewriting};
pub(crate) use robots_txt::of_robots_lines;
pub(crate) use rsl::Rsl;
