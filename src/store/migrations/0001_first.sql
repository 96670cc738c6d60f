-- Times are Unix seconds, UTC.

-- Facts about the whole database.
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
