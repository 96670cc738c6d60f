//! Stories → files: select → render → gate → write.

pub mod render;
