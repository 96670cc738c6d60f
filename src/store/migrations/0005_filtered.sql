-- What filter programs said of items, so that an unchanged item is not filtered again.
CREATE TABLE filtered (
    key  BLOB PRIMARY KEY,   -- SHA-256 of the program and of the item as it was given to it
    said TEXT,               -- the item as it came back; NULL: it was dropped
    at   INTEGER NOT NULL    -- when it was last asked for, to the day
) STRICT, WITHOUT ROWID;

CREATE INDEX filtered_at ON filtered (at);
