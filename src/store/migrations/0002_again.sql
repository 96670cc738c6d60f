-- Other guids under which a source sent an entry again: it moved its host, its software or the page.
CREATE TABLE again (
    source_id TEXT    NOT NULL,
    guid      TEXT    NOT NULL,
    entry_id  INTEGER NOT NULL REFERENCES entry (id),
    PRIMARY KEY (source_id, guid)
) STRICT, WITHOUT ROWID;
