-- The words of woven entries as hashes, written in the order in which they were woven: a pass with a few new
-- entries finds by them which of the window it has to read. The last trace of an entry counts.
CREATE TABLE trace (
    id     INTEGER PRIMARY KEY,
    newest INTEGER NOT NULL,   -- the latest time of its entries
    rules  INTEGER NOT NULL,   -- version of the rules by which they were made
    bytes  BLOB    NOT NULL    -- see weave/trace.rs
) STRICT;
