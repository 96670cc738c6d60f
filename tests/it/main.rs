//! Everything that starts the binary or needs files.

mod read;
