-- Times are Unix seconds, UTC. A released migration is never edited.

-- Facts about the whole database: tag_host and tag_year (the base of every published id), generation
-- (counts changes that a reader of the outputs could see), published (what the last publish saw).
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What gather knows of each source it has tried.
CREATE TABLE source (
    id TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- Every entry ever read, once for each (source, guid). AUTOINCREMENT: weaving asks for what came
-- after the last entry it has woven, so a number must never be used twice.
CREATE TABLE entry (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    source_id     TEXT    NOT NULL,
    guid          TEXT    NOT NULL,
    hash          INTEGER NOT NULL,   -- of what the publisher wrote: equal means nothing was edited
    first_seen_at INTEGER NOT NULL,
    published_at  INTEGER,            -- NULL: undated
    updated_at    INTEGER,            -- NULL: never edited by the publisher's word
    held_back     INTEGER NOT NULL,   -- 1: part of a back-fill, recorded but not published by itself
    url           TEXT    NOT NULL,
    title         TEXT    NOT NULL,
    text          TEXT    NOT NULL,
    extra         TEXT    NOT NULL,   -- JSON: authors, categories, enclosures, …; see rows.rs
    summary_kind  INTEGER NOT NULL,   -- 0 none, 1 text, 2 HTML
    summary       TEXT,
    content_kind  INTEGER NOT NULL,   -- as summary_kind
    content       TEXT,
    UNIQUE (source_id, guid)
) STRICT;

-- Entries that their publisher edited since they were woven.
CREATE TABLE edited (
    entry_id INTEGER PRIMARY KEY REFERENCES entry (id)
) STRICT;

CREATE TABLE story (
    id                 INTEGER PRIMARY KEY,
    key                TEXT    NOT NULL UNIQUE,
    lead_entry_id      INTEGER NOT NULL REFERENCES entry (id),
    changed_at         INTEGER NOT NULL,
    held_back          INTEGER NOT NULL,   -- 1: all its entries are; not published
    first_published_at INTEGER,            -- NULL: not published yet
    date_at            INTEGER,            -- the date it carries, frozen; NULL: not published yet
    coverage_at        INTEGER             -- when later coverage was last appended; NULL: never
) STRICT;

CREATE INDEX story_publishable ON story (first_published_at DESC, date_at DESC, id) WHERE held_back = 0;

-- Which story an entry is in, and why.
CREATE TABLE member (
    entry_id  INTEGER PRIMARY KEY REFERENCES entry (id),
    story_id  INTEGER NOT NULL REFERENCES story (id),
    address   INTEGER NOT NULL,   -- hash of the canonical address
    time_at   INTEGER NOT NULL,   -- the entry's: published, else first seen
    joined_at INTEGER NOT NULL,
    shown_at  INTEGER,            -- when it was first credited in an output; NULL: not yet
    reason    TEXT                -- JSON, see rows.rs; NULL: it opened the story
) STRICT;

CREATE INDEX member_story ON member (story_id, joined_at, entry_id);
CREATE INDEX member_address ON member (address);
CREATE INDEX member_time ON member (time_at);

-- The last publish of each output.
CREATE TABLE published (
    file  TEXT PRIMARY KEY,
    hash  BLOB    NOT NULL,   -- SHA-256 of the bytes
    items INTEGER NOT NULL,
    at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
