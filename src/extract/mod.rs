//! The page behind an entry → an `Article`. Pure: bytes in, plain data out; no network, no clock.
//!
//! `decode.rs` finds the text, `scan.rs` reads its head in one linear pass and says whether a tree may be built
//! (`apart.rs`: what is not the article's own); `streamed.rs` builds it as a browser shows it, `tree.rs` divides it into
//! blocks, `features/` measures them, `chooser.rs` keeps or drops each, and `render.rs` writes what was kept. `facts.rs`
//! collects what the page claims about its headline, byline, date, …, each claim with its origin, from JSON-LD
//! (`jsonld.rs`), the head and the tree (`marked.rs`).

mod read;
mod decode;
mod scan;
mod apart;
mod jsonld;
mod choice;
mod body;
mod seen_block;
mod streamed;
mod tree;
mod block_text;
mod in_line;
mod headings;
mod signs;
mod between;
mod formulas;
mod tags;
mod code_lines;
mod hints;
mod features;
mod chooser;
mod groups;
mod runs;
mod site_words;
mod part_names;
mod next_story;
mod beside;
mod repeats;
mod credit_line;
mod wall;
mod render;
mod cells;
mod captions;
mod direction;
mod numbers;
mod picture_address;
mod facts;
mod believed;
mod marked;
mod names;
mod dated;
mod signed;
mod listing;
mod rights;
mod picture_copy;

#[cfg(test)]
mod sample;

pub use body::Way;
pub use choice::Choice;
pub use features::names as feature_names;
pub(crate) use listing::read_source;
pub(crate) use picture_copy::{PictureCopyError, picture_copy};
pub use read::{ArticleError, Look, Page, look, read};
