-- What the long text of an entry is compared by: syndicated copies are told by it.
CREATE TABLE sketch (
    entry_id INTEGER PRIMARY KEY REFERENCES entry (id),
    bins     BLOB NOT NULL   -- 128 numbers of two bytes, little-endian; see weave/copies.rs
) STRICT;
