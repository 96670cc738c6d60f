//! Rights, from the signals a publisher sends to what stands in the files: cases T82 to T85.

mod behind;
mod page_signals;
mod signals;
mod stand;
mod two_hundred;
