//! Items → the bytes of one output format. Pure.
