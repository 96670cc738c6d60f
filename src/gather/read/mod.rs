//! Bytes → entries: decode, clean, parse, normalise. Pure.
