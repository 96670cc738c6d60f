-- Times are Unix seconds, UTC. A released migration is never edited.

-- Facts about the whole database: tag_host and tag_year (the base of every published id), generation
-- (counts changes that a reader of the outputs could see), published (what the last publish saw).
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What gather knows of each source it has tried; one small row, the only one that a 304 rewrites.
CREATE TABLE source (
    id             TEXT PRIMARY KEY,
    address        TEXT NOT NULL,              -- as in feeds.toml when the row was written
    read_as        TEXT NOT NULL,              -- the settings its entries were read with
    last_request   INTEGER,                    -- start of the last request; NULL: never asked
    last_success   INTEGER,                    -- NULL: never answered well
    failures       INTEGER NOT NULL DEFAULT 0, -- in a row
    failing_since  INTEGER,                    -- NULL: the last answer was good
    last_error     TEXT,                       -- NULL: the last answer was good
    validators_url TEXT,                       -- the final address they came from; NULL: no validators
    etag           BLOB,                       -- as received; NULL: none
    last_modified  BLOB,                       -- as received; NULL: none
    body_hash      BLOB,                       -- of the last body that was read; NULL: none
    http_hint_s    INTEGER,                    -- freshness by the last answer; NULL: none given
    http_hint_rule TEXT,                       -- the header it came from; NULL: none given
    feed_hint_s    INTEGER,                    -- ttl or sy:*; NULL: none given
    skip_hours     INTEGER NOT NULL DEFAULT 0, -- bit 0 to 23, GMT
    skip_days      INTEGER NOT NULL DEFAULT 0, -- bit 0 (Monday) to 6, GMT
    hold_until     INTEGER,                    -- not before; NULL: no hold
    hold_rule      TEXT,                       -- why; NULL: no hold
    gone_since     INTEGER,                    -- the first 410 in a row; NULL: not gone
    gone_for_good  INTEGER NOT NULL DEFAULT 0, -- 1: never asked again until its address changes
    moved_to       TEXT,                       -- asked there instead; NULL: at its own address
    moving_to      TEXT,                       -- where permanent redirects lead; NULL: nowhere
    moving_since   INTEGER,                    -- the first time they did
    moving_times   INTEGER,                    -- how often they did
    median_gap_s   INTEGER,                    -- between its last posts; NULL: not known
    newest_post    INTEGER,                    -- NULL: not known
    due            INTEGER,                    -- when it is due next; NULL: never
    due_rule       TEXT                        -- the rule that says so; NULL: not reckoned yet
) STRICT, WITHOUT ROWID;

-- Hosts that asked for rest: scheme://name:port.
CREATE TABLE host (
    key        TEXT PRIMARY KEY,
    hold_until INTEGER,                        -- no request before; NULL: none
    strikes    INTEGER NOT NULL DEFAULT 0      -- answers 429 in a row
) STRICT, WITHOUT ROWID;

-- What each source's feed says of itself, as of the last document that was read.
CREATE TABLE feed (
    source_id          TEXT PRIMARY KEY,
    title              TEXT,                       -- NULL: not given, as in all of these
    link               TEXT,
    self_url           TEXT,
    hubs               TEXT NOT NULL DEFAULT '',   -- one address a line
    description        TEXT,
    language           TEXT,
    rights             TEXT,
    licenses           TEXT NOT NULL DEFAULT '',   -- one address a line
    image              TEXT,
    refresh_hint_s     INTEGER,
    skip_hours         INTEGER NOT NULL DEFAULT 0,
    skip_days          INTEGER NOT NULL DEFAULT 0,
    denies_republishing INTEGER NOT NULL DEFAULT 0
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
    stopped            INTEGER NOT NULL DEFAULT 0, -- entries that would have joined it, had it not been too large
    stopped_at         INTEGER             -- the last of them; NULL: none
) STRICT;

CREATE INDEX story_stopped ON story (stopped_at, id) WHERE stopped_at IS NOT NULL;

CREATE INDEX story_publishable ON story (first_published_at DESC, date_at DESC, id) WHERE held_back = 0;

-- Ids of stories that turned out to be another one, which has their entries now.
CREATE TABLE alias (
    key      TEXT PRIMARY KEY,
    story_id INTEGER NOT NULL REFERENCES story (id)
) STRICT, WITHOUT ROWID;

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

-- Every join and every move of an entry, the oldest first; rows are only ever added. What opened a
-- story and never moved has none.
CREATE TABLE joined (
    id        INTEGER PRIMARY KEY,
    entry_id  INTEGER NOT NULL REFERENCES entry (id),
    story_key TEXT    NOT NULL,   -- the story's id at that time; it may be an alias by now
    at        INTEGER NOT NULL,
    by_hand   INTEGER NOT NULL,   -- 1: a person said so
    rules     INTEGER NOT NULL,   -- version of the rules at that time
    reason    TEXT                -- JSON, see rows.rs; NULL: it opened the story
) STRICT;

CREATE INDEX joined_entry ON joined (entry_id, id);

-- What was nearly one story: an entry and the nearest entry of another story when it came.
CREATE TABLE near (
    entry_id   INTEGER NOT NULL REFERENCES entry (id),
    nearest_id INTEGER NOT NULL REFERENCES entry (id),
    score      REAL    NOT NULL,  -- 0 to 1
    shared     TEXT    NOT NULL,  -- the rarest shared words, with spaces between
    PRIMARY KEY (entry_id, nearest_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX near_nearest ON near (nearest_id);

-- What a person said of two stories: each row one `split` or `join`, until it is taken back.
CREATE TABLE word (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    says            TEXT    NOT NULL,   -- split, join
    at              INTEGER NOT NULL,
    story_key       TEXT    NOT NULL,   -- the story that was split, or that the other one joined
    other_key       TEXT    NOT NULL,   -- the story that was split off, or that joined
    other_lead      INTEGER NOT NULL,   -- the entry that led it
    other_published INTEGER,            -- when it was first published; NULL: it was not
    other_date      INTEGER             -- the date it carried; NULL: none
) STRICT;

-- The pairs of entries that a word means, one of each story.
CREATE TABLE word_pair (
    word_id  INTEGER NOT NULL REFERENCES word (id) ON DELETE CASCADE,
    entry_id INTEGER NOT NULL REFERENCES entry (id),   -- of the other story
    with_id  INTEGER NOT NULL REFERENCES entry (id),
    PRIMARY KEY (word_id, entry_id, with_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX word_pair_entry ON word_pair (entry_id);
CREATE INDEX word_pair_with ON word_pair (with_id);

-- The last publish of each output.
CREATE TABLE published (
    file  TEXT PRIMARY KEY,
    hash  BLOB    NOT NULL,   -- SHA-256 of the bytes
    items INTEGER NOT NULL,
    at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
