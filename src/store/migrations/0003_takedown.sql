-- What may never be published again, until that is taken back.
CREATE TABLE takedown (
    id    INTEGER PRIMARY KEY AUTOINCREMENT,
    said  TEXT    NOT NULL,   -- as a person wrote it
    title TEXT    NOT NULL,   -- of what was found for it; empty: nothing was
    at    INTEGER NOT NULL
) STRICT;

-- What a takedown means.
CREATE TABLE takedown_key (
    takedown_id INTEGER NOT NULL REFERENCES takedown (id) ON DELETE CASCADE,
    kind        TEXT    NOT NULL,   -- story (what: its id), article or prefix (what: an address)
    what        TEXT    NOT NULL,
    PRIMARY KEY (takedown_id, kind, what)
) STRICT, WITHOUT ROWID;
