-- Times are Unix seconds, UTC.

-- Facts about the whole database.
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What gather knows of each source it has tried.
CREATE TABLE source (
    id TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
