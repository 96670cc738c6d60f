-- What the robots.txt of a host says to us.
CREATE TABLE robots (
    host     TEXT PRIMARY KEY,     -- scheme://name:port
    asked_at INTEGER NOT NULL,     -- the last request for it
    lines    TEXT,                 -- what counts of the last good copy, '' where there is none on the host;
                                   -- NULL: no good answer so far
    trouble  TEXT                  -- why the last request failed; NULL: it did not
) STRICT, WITHOUT ROWID;

-- Pages behind entries: each is fetched once, and what was made of it stays.
CREATE TABLE article (
    id           INTEGER PRIMARY KEY,
    source_id    TEXT    NOT NULL,           -- by whose settings it is fetched and read
    address      TEXT    NOT NULL,           -- the entry's, without trackers
    choice       INTEGER NOT NULL,           -- hash of the settings that choose its text
    state        TEXT    NOT NULL,           -- wanted, kept, failed
    wanted_at    INTEGER NOT NULL,
    next_try     INTEGER NOT NULL,           -- not before; of no account once it is kept or failed
    tries        INTEGER NOT NULL DEFAULT 0,
    ended_at     INTEGER,                    -- when it was kept or given up; NULL: wanted still
    reason       TEXT,                       -- why the last try failed; NULL: none did
    final_url    TEXT,                       -- this and what follows: NULL where not kept or not said
    title        TEXT,
    byline       TEXT,
    site         TEXT,
    published_at INTEGER,
    description  TEXT,
    canonical    TEXT,
    image        TEXT,
    language     TEXT,
    says         TEXT,                       -- JSON: what it says of rights; see article_rows.rs
    UNIQUE (address, choice)
) STRICT;

CREATE INDEX article_wanted ON article (next_try, id) WHERE state = 'wanted';

-- The texts, apart: what only counts pages does not read them.
CREATE TABLE article_body (
    article_id INTEGER PRIMARY KEY REFERENCES article (id),
    text       TEXT NOT NULL,
    html       TEXT NOT NULL
) STRICT;

-- Which page is behind an entry.
CREATE TABLE article_of (
    entry_id   INTEGER PRIMARY KEY REFERENCES entry (id),
    article_id INTEGER NOT NULL REFERENCES article (id)
) STRICT;
