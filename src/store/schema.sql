-- The whole schema of a feedloom database.
--
-- Times are Unix seconds, UTC. A NULL means what stands beside its column, else "not given". Programs outside read
-- `source`, `entry` and `member`: names, units and meanings there stay.

-- Facts about the whole database:
--   tag_host, tag_year   the base of every published id, fixed at the first publish
--   generation           counts the changes that a reader of the outputs could see
--   published            what the last publish saw
--   outage_since         the first of the last runs that reached nobody; not there where the last one did
--   in_between           what answered instead of the sources in these runs, in words; not there where nobody did
--   forgotten            when old entries were last looked for, and the entry that this look has come to; see
--                        retention.rs
--   pictures             size and time of the folder of pictures when it was last as it has to be
--   shortened            the last entry whose content was let go or is shown still
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What gather knows of each source between runs.
CREATE TABLE source (
    id             TEXT PRIMARY KEY,
    address        TEXT    NOT NULL,           -- as in feeds.toml when this was written
    read_as        TEXT    NOT NULL,           -- the settings that its entries were read with
    last_request   INTEGER,                    -- start of the last request; NULL: never asked
    last_success   INTEGER,                    -- NULL: never answered well
    vouched_at     INTEGER,                    -- the last of these answers that was whole; NULL: none was
    failures       INTEGER NOT NULL DEFAULT 0, -- in a row
    failing_since  INTEGER,                    -- NULL: the last answer was good
    last_error     TEXT,                       -- NULL: the last answer was good
    notes          TEXT,                       -- how its last document had to be understood; NULL: as it is written
    is_page        INTEGER NOT NULL DEFAULT 0, -- 1: its last document was a page, which is asked for like one
    validators_url TEXT,                       -- the final address they came from; NULL: no validators
    etag           BLOB,                       -- as received; NULL: none
    last_modified  BLOB,                       -- as received; NULL: none
    body_hash      BLOB,                       -- SHA-256 of the last body that was read; NULL: none
    http_hint_s    INTEGER,                    -- seconds that the last answer is fresh; NULL: none given
    http_hint_rule TEXT,                       -- the header that says so, a rule code; NULL: none given
    feed_hint_s    INTEGER,                    -- ttl or sy:* in seconds; NULL: none given
    skip_hours     INTEGER NOT NULL DEFAULT 0, -- bit 0 to 23, GMT
    skip_days      INTEGER NOT NULL DEFAULT 0, -- bit 0 (Monday) to 6, GMT
    hold_until     INTEGER,                    -- not before; NULL: no hold
    hold_rule      TEXT,                       -- why, a rule code; NULL: no hold
    gone_since     INTEGER,                    -- the first 410 in a row; NULL: not gone
    gone_for_good  INTEGER NOT NULL DEFAULT 0, -- 1: not asked again until feeds.toml changes
    gone_under     INTEGER,                    -- fingerprint of feeds.toml when it was gone for good; NULL: it is not
    moved_to       TEXT,                       -- asked there instead; NULL: at its own address
    moving_to      TEXT,                       -- where permanent redirects lead; NULL: nowhere
    moving_since   INTEGER,                    -- the first time they did, or where it is moved_to the last time that the
                                               -- source's own address was asked; NULL: they do not
    moving_times   INTEGER,                    -- how often they did; NULL: they do not
    median_gap_s   INTEGER,                    -- seconds between its last posts; NULL: not known
    newest_post    INTEGER,                    -- NULL: not known
    due            INTEGER,                    -- when it is due next; NULL: never
    due_rule       TEXT                        -- the rule that says so, a rule code; NULL: not reckoned yet
) STRICT, WITHOUT ROWID;

-- Hosts that asked to be left alone.
CREATE TABLE host (
    key        TEXT PRIMARY KEY,               -- scheme://name:port
    hold_until INTEGER,                        -- no request before; NULL: none
    guests_until INTEGER,                      -- none before by those whom a redirect or a link of another host led
                                               -- there; NULL: none
    strikes    INTEGER NOT NULL DEFAULT 0,     -- answers 429 in a row
    http1_until INTEGER                        -- it failed at HTTP/2: HTTP/1.1 until then; NULL: what it prefers
) STRICT, WITHOUT ROWID;

-- What the robots.txt and the tdmrep.json of each host say.
CREATE TABLE robots (
    host     TEXT PRIMARY KEY,     -- scheme://name:port
    asked_at INTEGER NOT NULL,     -- the last request for robots.txt
    lines    TEXT,                 -- what counts of the last good copy, '' where the host has none; NULL: no good
                                   -- answer so far
    trouble  TEXT,                 -- why the last request failed; NULL: it did not
    tdm      TEXT                  -- what tdmrep.json reserves from text and data mining, as a robots.txt that
                                   -- disallows it; '' where it reserves nothing; NULL: not asked since robots.txt was
) STRICT, WITHOUT ROWID;

-- What each source's feed says of itself, as of the last document that was read.
CREATE TABLE feed (
    source_id      TEXT PRIMARY KEY,
    title          TEXT,
    link           TEXT,
    self_url       TEXT,
    hubs           TEXT NOT NULL DEFAULT '',   -- one address a line
    description    TEXT,
    language       TEXT,
    rights         TEXT,
    licenses       TEXT NOT NULL DEFAULT '',   -- one address or name a line
    image          TEXT,
    refresh_hint_s INTEGER,
    skip_hours     INTEGER NOT NULL DEFAULT 0, -- as source.skip_hours
    skip_days      INTEGER NOT NULL DEFAULT 0, -- as source.skip_days
    signals        TEXT NOT NULL DEFAULT '',   -- what it says of rights: JSON, a list of [kind, origin, value]; '' where
                                               -- it says nothing; see columns.rs
    lists          INTEGER,                    -- 1: its entries mostly link to other sites; NULL: too few to tell
    title_tail     TEXT                        -- what the titles of all its entries end with, '' where nothing; NULL: too
                                               -- few to tell
) STRICT, WITHOUT ROWID;

-- Every entry ever read, once for each (source, guid). AUTOINCREMENT: a number is never used twice.
CREATE TABLE entry (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    source_id     TEXT    NOT NULL,
    guid          TEXT    NOT NULL,
    hash          INTEGER NOT NULL,   -- of what the publisher wrote: equal means nothing was edited; 0: not known, what
                                      -- is here was read from an output of ours
    first_seen_at INTEGER NOT NULL,
    published_at  INTEGER,            -- NULL: undated
    updated_at    INTEGER,            -- NULL: never edited
    absent_at     INTEGER,            -- the last good answer of its source without it, or without what an edit made of it:
                                      -- by then it was not told; NULL: none is known
    held_back     INTEGER NOT NULL,   -- 1: part of a back-fill, recorded but not published by itself
    url           TEXT    NOT NULL,
    title         TEXT    NOT NULL,
    text          TEXT    NOT NULL,   -- plain text: what is compared, and what excerpts are cut from
    extra         TEXT    NOT NULL,   -- JSON: authors, categories, enclosures, …; '' where there are none; see columns.rs
    summary_kind  INTEGER NOT NULL,   -- 0 none, 1 text, 2 HTML
    summary       TEXT,               -- NULL: none
    content_kind  INTEGER NOT NULL,   -- as summary_kind
    content       TEXT,               -- NULL: none
    signals       TEXT    NOT NULL DEFAULT '', -- as feed.signals
    UNIQUE (source_id, guid)
) STRICT;

-- Which entries had their title or text edited, in order: the index of words follows it.
CREATE TABLE entry_edit (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    entry_id INTEGER NOT NULL
) STRICT;

CREATE TRIGGER entry_is_edited AFTER UPDATE OF title, text ON entry
    WHEN old.title <> new.title OR old.text <> new.text BEGIN
    INSERT INTO entry_edit (entry_id) VALUES (new.id);
END;

-- Other guids under which a source sent an entry again: it moved its host, its software or the page.
CREATE TABLE guid_alias (
    source_id TEXT    NOT NULL,
    guid      TEXT    NOT NULL,
    entry_id  INTEGER NOT NULL REFERENCES entry (id),
    PRIMARY KEY (source_id, guid)
) STRICT, WITHOUT ROWID;

CREATE INDEX guid_alias_entry ON guid_alias (entry_id);

-- Entries that were forgotten, as far as it takes to know them again.
CREATE TABLE remembered (
    guid    INTEGER PRIMARY KEY,   -- hash of its source and guid
    address INTEGER NOT NULL,      -- hash of its source, canonical address, fragment and title
    story   TEXT    NOT NULL       -- the id of the story that it was in
) STRICT;

CREATE INDEX remembered_address ON remembered (address);

-- How many entries of each source are held, kept by the triggers below: counting them would read them all.
CREATE TABLE source_tally (
    source_id TEXT PRIMARY KEY,
    entries   INTEGER NOT NULL,
    held_back INTEGER NOT NULL,
    since_at  INTEGER NOT NULL     -- first sight of its first entry
) STRICT, WITHOUT ROWID;

-- How many entries of each source were first seen on each day (of Unix time), kept by the triggers below, and how many
-- bytes are held of them.
CREATE TABLE source_day (
    source_id TEXT    NOT NULL,
    day       INTEGER NOT NULL,
    entries   INTEGER NOT NULL,
    bytes     INTEGER NOT NULL,    -- of text, summary, content, extra and signals
    PRIMARY KEY (source_id, day)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER entry_comes AFTER INSERT ON entry BEGIN
    INSERT INTO source_tally (source_id, entries, held_back, since_at)
    VALUES (new.source_id, 1, new.held_back, new.first_seen_at)
    ON CONFLICT (source_id) DO UPDATE
       SET entries = entries + 1, held_back = held_back + new.held_back, since_at = min(since_at, new.first_seen_at);
    INSERT INTO source_day (source_id, day, entries, bytes)
    VALUES (new.source_id, new.first_seen_at / 86400, 1,
            octet_length(new.text) + coalesce(octet_length(new.summary), 0) + coalesce(octet_length(new.content), 0)
            + octet_length(new.extra) + octet_length(new.signals))
    ON CONFLICT (source_id, day) DO UPDATE SET entries = entries + 1, bytes = bytes + excluded.bytes;
END;

CREATE TRIGGER entry_text_changes AFTER UPDATE OF text, summary, content, extra, signals ON entry BEGIN
    UPDATE source_day
       SET bytes = bytes
                 + octet_length(new.text) + coalesce(octet_length(new.summary), 0)
                 + coalesce(octet_length(new.content), 0) + octet_length(new.extra) + octet_length(new.signals)
                 - octet_length(old.text) - coalesce(octet_length(old.summary), 0)
                 - coalesce(octet_length(old.content), 0) - octet_length(old.extra) - octet_length(old.signals)
     WHERE source_id = old.source_id AND day = old.first_seen_at / 86400;
END;

CREATE TRIGGER entry_goes AFTER DELETE ON entry BEGIN
    UPDATE source_tally SET entries = entries - 1, held_back = held_back - old.held_back
     WHERE source_id = old.source_id;
END;

-- Entries that no story holds yet.
CREATE TABLE unwoven (
    entry_id INTEGER PRIMARY KEY REFERENCES entry (id)
) STRICT;

-- Entries that their publisher edited since they were woven.
CREATE TABLE edited (
    entry_id INTEGER PRIMARY KEY REFERENCES entry (id),
    title    TEXT   -- which it had when it was woven; NULL: not known
) STRICT;

-- Pages behind entries: each is fetched once, and what was made of it stays.
CREATE TABLE article (
    id           INTEGER PRIMARY KEY,
    source_id    TEXT    NOT NULL,           -- by whose settings it is fetched and read
    address      TEXT    NOT NULL,           -- the entry's, without trackers
    choice       INTEGER NOT NULL,           -- hash of the settings that choose its text
    state        TEXT    NOT NULL,           -- wanted, kept, failed
    wanted_at    INTEGER NOT NULL,           -- when it was first wanted
    next_try     INTEGER NOT NULL,           -- not before; of no account once it is kept or failed
    tries        INTEGER NOT NULL DEFAULT 0,
    ended_at     INTEGER,                    -- when it was kept or given up; NULL: wanted still
    reason       TEXT,                       -- why the last try failed; NULL: none did
    final_url    TEXT,                       -- this and what follows: NULL where not kept or not given
    title        TEXT,
    byline       TEXT,
    site         TEXT,
    published_at INTEGER,
    description  TEXT,
    canonical    TEXT,
    image        TEXT,
    language     TEXT,
    page_rights  TEXT,                       -- JSON: what the page says of rights; see page_rights.rs
    signals      TEXT    NOT NULL DEFAULT '',-- what the answer that brought the page says of rights, as feed.signals
    UNIQUE (address, choice)
) STRICT;

CREATE INDEX article_wanted ON article (next_try, id) WHERE state = 'wanted';

CREATE INDEX article_trouble ON article (source_id, coalesce(ended_at, next_try)) WHERE reason IS NOT NULL;

-- How many pages of each source are in which state, kept by the triggers below.
CREATE TABLE article_tally (
    source_id TEXT    NOT NULL,
    state     TEXT    NOT NULL,   -- as article.state
    pages     INTEGER NOT NULL,
    PRIMARY KEY (source_id, state)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER article_comes AFTER INSERT ON article BEGIN
    INSERT INTO article_tally (source_id, state, pages) VALUES (new.source_id, new.state, 1)
    ON CONFLICT (source_id, state) DO UPDATE SET pages = pages + 1;
END;

CREATE TRIGGER article_changes AFTER UPDATE OF source_id, state ON article BEGIN
    UPDATE article_tally SET pages = pages - 1 WHERE source_id = old.source_id AND state = old.state;
    INSERT INTO article_tally (source_id, state, pages) VALUES (new.source_id, new.state, 1)
    ON CONFLICT (source_id, state) DO UPDATE SET pages = pages + 1;
END;

CREATE TRIGGER article_goes AFTER DELETE ON article BEGIN
    UPDATE article_tally SET pages = pages - 1 WHERE source_id = old.source_id AND state = old.state;
END;

-- The texts of pages, apart: what only counts pages does not read them.
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

CREATE INDEX article_of_article ON article_of (article_id);

-- Small copies of the pictures of stories: each is fetched once, and what was made of it stays.
CREATE TABLE picture (
    id        INTEGER PRIMARY KEY,
    address   TEXT    NOT NULL UNIQUE,
    source_id TEXT    NOT NULL,            -- whose feed offered it first
    state     TEXT    NOT NULL,            -- wanted, kept, failed
    wanted_at INTEGER NOT NULL,            -- when it was first wanted
    next_try  INTEGER NOT NULL,            -- not before; of no account once it is kept or failed
    tries     INTEGER NOT NULL DEFAULT 0,
    ended_at  INTEGER,                     -- when it was kept or given up; NULL: wanted still
    reason    TEXT,                        -- why the last try failed; NULL: none did
    hash      TEXT                         -- of the copy: the first 128 bits of its SHA-256 in hexadecimal digits, by which its
                                           -- file is called; NULL where not kept
) STRICT;

CREATE INDEX picture_wanted ON picture (next_try, id) WHERE state = 'wanted';

-- The copies, apart: what only looks for pictures does not read them.
CREATE TABLE picture_body (
    picture_id INTEGER PRIMARY KEY REFERENCES picture (id),
    bytes      BLOB NOT NULL   -- a JPEG
) STRICT;

-- Which picture a story has; a picture that no story has any more is gone.
CREATE TABLE picture_of (
    story_key  TEXT PRIMARY KEY,
    picture_id INTEGER NOT NULL REFERENCES picture (id)
) STRICT, WITHOUT ROWID;

CREATE INDEX picture_of_picture ON picture_of (picture_id);

CREATE TABLE story (
    id                 INTEGER PRIMARY KEY,
    key                TEXT    NOT NULL UNIQUE,    -- its published id
    lead_entry_id      INTEGER NOT NULL REFERENCES entry (id),
    changed_at         INTEGER NOT NULL,
    held_back          INTEGER NOT NULL,           -- 1: all its entries are; not published
    first_published_at INTEGER,                    -- NULL: not published yet
    date_at            INTEGER,                    -- the date it carries, frozen; NULL: not published yet
    stopped            INTEGER NOT NULL DEFAULT 0, -- entries that would have joined it, had it not been too large
    stopped_at         INTEGER                     -- the last of them; NULL: none
) STRICT;

CREATE INDEX story_stopped ON story (stopped_at, id) WHERE stopped_at IS NOT NULL;
CREATE INDEX story_publishable ON story (first_published_at DESC, date_at DESC, id) WHERE held_back = 0;
CREATE INDEX story_date ON story (date_at) WHERE held_back = 0 AND first_published_at IS NOT NULL;

-- Ids of stories that turned out to be another one, which has their entries now.
CREATE TABLE story_alias (
    key      TEXT PRIMARY KEY,
    story_id INTEGER NOT NULL REFERENCES story (id)
) STRICT, WITHOUT ROWID;

CREATE INDEX story_alias_story ON story_alias (story_id);

-- How many stories are held, in one row kept by the triggers below.
CREATE TABLE story_tally (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    stories INTEGER NOT NULL
) STRICT;

INSERT INTO story_tally (id, stories) VALUES (1, 0);

CREATE TRIGGER story_comes AFTER INSERT ON story BEGIN
    UPDATE story_tally SET stories = stories + 1;
END;

CREATE TRIGGER story_goes AFTER DELETE ON story BEGIN
    UPDATE story_tally SET stories = stories - 1;
END;

-- Which story an entry is in, and why.
CREATE TABLE member (
    entry_id  INTEGER PRIMARY KEY REFERENCES entry (id),
    story_id  INTEGER NOT NULL REFERENCES story (id),
    address   INTEGER NOT NULL,   -- hash of the canonical address
    time_at   INTEGER NOT NULL,   -- the entry's: published, else first seen
    joined_at INTEGER NOT NULL,
    shown_at  INTEGER,            -- when an output first credited it; NULL: not yet
    reason    TEXT                -- JSON, see reason.rs; NULL: it opened the story
) STRICT;

CREATE INDEX member_story ON member (story_id, joined_at, entry_id);
CREATE INDEX member_address ON member (address);
CREATE INDEX member_time ON member (time_at);
CREATE INDEX member_shown ON member (shown_at) WHERE shown_at IS NOT NULL;
CREATE INDEX member_waits ON member (joined_at) WHERE shown_at IS NULL;

-- What the long text of an entry is compared by: syndicated copies are found by it.
CREATE TABLE sketch (
    entry_id INTEGER PRIMARY KEY REFERENCES entry (id),
    bins     BLOB NOT NULL   -- 128 numbers of two bytes, little-endian; see weave/copies.rs
) STRICT;

-- The words of woven entries as hashes, in the order in which they were woven: a pass with a few new entries finds by
-- them which of the window it has to read. The last signature of an entry counts.
CREATE TABLE signature (
    id        INTEGER PRIMARY KEY,
    newest_at INTEGER NOT NULL,   -- the latest time of its entries
    rules     INTEGER NOT NULL,   -- version of the rules by which they were made
    bytes     BLOB    NOT NULL    -- see weave/signature.rs
) STRICT;

-- Every join and every move of an entry, the oldest first; rows are only ever added. An entry that opened a story and
-- never moved has none.
CREATE TABLE join_log (
    id        INTEGER PRIMARY KEY,
    entry_id  INTEGER NOT NULL REFERENCES entry (id),
    story_key TEXT    NOT NULL,   -- the story's id at that time; it may be an alias by now
    at        INTEGER NOT NULL,
    by_hand   INTEGER NOT NULL,   -- 1: a person did it
    rules     INTEGER NOT NULL,   -- version of the rules at that time
    reason    TEXT                -- as member.reason
) STRICT;

CREATE INDEX join_log_entry ON join_log (entry_id, id);

-- What was nearly one story: an entry and the nearest entry of another story when it came.
CREATE TABLE near_miss (
    entry_id   INTEGER NOT NULL REFERENCES entry (id),
    nearest_id INTEGER NOT NULL REFERENCES entry (id),
    score      REAL    NOT NULL,  -- 0 to 1
    shared     TEXT    NOT NULL,  -- the rarest shared words, with spaces between
    PRIMARY KEY (entry_id, nearest_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX near_miss_nearest ON near_miss (nearest_id);

-- What a person corrected: each row one split or one join, until it is undone.
CREATE TABLE correction (
    id                 INTEGER PRIMARY KEY AUTOINCREMENT,
    kind               TEXT    NOT NULL,   -- split, join
    at                 INTEGER NOT NULL,
    story_key          TEXT    NOT NULL,   -- the story that was split, or that the other one joined
    other_key          TEXT    NOT NULL,   -- the story that was split off, or that joined
    other_lead_id      INTEGER NOT NULL REFERENCES entry (id), -- the entry that led the other one
    other_published_at INTEGER,            -- when the other one was first published; NULL: it was not
    other_date_at      INTEGER             -- the date the other one carried; NULL: none
) STRICT;

-- The pairs of entries that a correction is about, one of each story.
CREATE TABLE correction_pair (
    correction_id INTEGER NOT NULL REFERENCES correction (id) ON DELETE CASCADE,
    entry_id      INTEGER NOT NULL REFERENCES entry (id),   -- of the other story
    with_id       INTEGER NOT NULL REFERENCES entry (id),
    PRIMARY KEY (correction_id, entry_id, with_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX correction_pair_entry ON correction_pair (entry_id);
CREATE INDEX correction_pair_with ON correction_pair (with_id);

-- What may not be published again, until the takedown is undone.
CREATE TABLE takedown (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    request TEXT    NOT NULL,   -- as a person wrote it
    title   TEXT    NOT NULL,   -- of what was found for it; '': nothing was
    at      INTEGER NOT NULL
) STRICT;

-- What a takedown keeps out.
CREATE TABLE takedown_key (
    takedown_id INTEGER NOT NULL REFERENCES takedown (id) ON DELETE CASCADE,
    kind        TEXT    NOT NULL,   -- story, article, prefix, entry, text, after or spared: see takedown.rs
    value       TEXT    NOT NULL,
    PRIMARY KEY (takedown_id, kind, value)
) STRICT, WITHOUT ROWID;

-- The last publish of each output.
CREATE TABLE published_output (
    file        TEXT PRIMARY KEY,
    hash        BLOB    NOT NULL,   -- SHA-256 of the bytes
    items       INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    pinged_hash BLOB,               -- the hash that its hub was last notified of; NULL: never notified
    stamp       TEXT,               -- size and time of the file when it was recorded; NULL: not known
    stories     TEXT                -- ids of the stories in these bytes, each after a blank; NULL: not known
) STRICT, WITHOUT ROWID;

-- What the gate refused when the outputs, and the pages of days, were last made.
CREATE TABLE refusal (
    id     INTEGER PRIMARY KEY,
    file   TEXT NOT NULL,       -- under the output folder
    title  TEXT,                -- the item that was left out; NULL: all of it, the last version stays
    reason TEXT NOT NULL
) STRICT;

-- The pages of single days that were published.
CREATE TABLE archived_day (
    file    TEXT PRIMARY KEY,   -- under the output folder
    content INTEGER NOT NULL,   -- changes with the stories of the day and with what decides how they are shown
    print   INTEGER NOT NULL,   -- changes with content and with the days before and after it
    items   INTEGER NOT NULL,   -- 0: the day has nothing to show, and no file
    stamp   TEXT                -- size and time of the file as it was left; NULL: not known
) STRICT, WITHOUT ROWID;

-- The pages of single stories that were published: an address that was public leads somewhere for as long as it is here.
CREATE TABLE story_page (
    file      TEXT PRIMARY KEY,             -- under the output folder
    story_key TEXT    NOT NULL,             -- the id in its name
    kind      TEXT    NOT NULL,             -- story; moved: leads to another story; closed: says that nothing is shown any
                                            -- more; kept: of a story that this database does not know, left as it is
    since_at  INTEGER NOT NULL,             -- when it was made; of one that is kept, when its file was last changed
    stale     INTEGER NOT NULL DEFAULT 0    -- 1: its story changed since, as the triggers below say
) STRICT, WITHOUT ROWID;

CREATE INDEX story_page_story ON story_page (story_key);
CREATE INDEX story_page_stale ON story_page (file) WHERE stale = 1;
CREATE INDEX story_page_kept ON story_page (since_at) WHERE kind = 'kept';

-- The folders of these pages.
CREATE TABLE story_folder (
    folder TEXT PRIMARY KEY,   -- under the output folder, with a slash at its end
    print  INTEGER NOT NULL,   -- changes with all that decides how its stories are shown; 0: some page is not as it should be
    stamp  TEXT                -- of the folder when it was last written to; NULL: there was none
) STRICT, WITHOUT ROWID;

-- Each asks first whether there is a page: that costs less than preparing to change one. What is written for
-- each new entry has no trigger: who opens, changes or shows a story says so (story_pages.rs).
CREATE TRIGGER story_page_of_gone AFTER DELETE ON story
    WHEN EXISTS (SELECT 1 FROM story_page WHERE story_key = old.key) BEGIN
    UPDATE story_page SET stale = 1 WHERE story_key = old.key;
END;

CREATE TRIGGER story_page_of_new_alias AFTER INSERT ON story_alias
    WHEN EXISTS (SELECT 1 FROM story_page WHERE story_key = new.key) BEGIN
    UPDATE story_page SET stale = 1 WHERE story_key = new.key;
END;

CREATE TRIGGER story_page_of_moved_alias AFTER UPDATE ON story_alias
    WHEN EXISTS (SELECT 1 FROM story_page WHERE story_key = new.key) BEGIN
    UPDATE story_page SET stale = 1 WHERE story_key = new.key;
END;

CREATE TRIGGER story_page_of_gone_alias AFTER DELETE ON story_alias
    WHEN EXISTS (SELECT 1 FROM story_page WHERE story_key = old.key) BEGIN
    UPDATE story_page SET stale = 1 WHERE story_key = old.key;
END;

CREATE TRIGGER story_page_of_moved_member AFTER UPDATE OF story_id ON member
    WHEN EXISTS (SELECT 1 FROM story_page WHERE story_key IN (SELECT key FROM story WHERE id IN (old.story_id, new.story_id))) BEGIN
    UPDATE story_page SET stale = 1 WHERE story_key IN (SELECT key FROM story WHERE id IN (old.story_id, new.story_id));
END;

CREATE TRIGGER story_page_of_edited AFTER UPDATE ON entry
    WHEN EXISTS (SELECT 1 FROM story_page WHERE story_key = (SELECT story.key FROM member JOIN story ON story.id = member.story_id
                                                        WHERE entry_id = new.id)) BEGIN
    UPDATE story_page SET stale = 1 WHERE story_key = (SELECT story.key FROM member JOIN story ON story.id = member.story_id
                                                        WHERE entry_id = new.id);
END;

CREATE TRIGGER story_page_of_article AFTER UPDATE OF state, signals ON article
    WHEN EXISTS (SELECT 1 FROM story_page WHERE story_key IN (SELECT story.key
                           FROM article_of JOIN member ON member.entry_id = article_of.entry_id
                                JOIN story ON story.id = member.story_id
                          WHERE article_of.article_id = new.id)) BEGIN
    UPDATE story_page SET stale = 1 WHERE story_key IN (SELECT story.key
                           FROM article_of JOIN member ON member.entry_id = article_of.entry_id
                                JOIN story ON story.id = member.story_id
                          WHERE article_of.article_id = new.id);
END;

CREATE TRIGGER story_page_of_picture AFTER UPDATE OF state ON picture
    WHEN EXISTS (SELECT 1 FROM story_page WHERE story_key IN (SELECT story_key FROM picture_of WHERE picture_id = new.id)) BEGIN
    UPDATE story_page SET stale = 1 WHERE story_key IN (SELECT story_key FROM picture_of WHERE picture_id = new.id);
END;

CREATE TRIGGER story_page_of_gone_picture AFTER DELETE ON picture_of
    WHEN EXISTS (SELECT 1 FROM story_page WHERE story_key = old.story_key) BEGIN
    UPDATE story_page SET stale = 1 WHERE story_key = old.story_key;
END;

-- The pages of tags and sources that were published: an address that was public leads somewhere for as long as it is here.
CREATE TABLE facet_page (
    file     TEXT PRIMARY KEY,   -- under the output folder
    kind     TEXT    NOT NULL,   -- shown; moved: leads to another page; closed: says that there is nothing any more
    print    INTEGER NOT NULL,   -- changes with what is on it; 0: it has to be made again
    since_at INTEGER NOT NULL    -- when it was made
) STRICT, WITHOUT ROWID;

-- The folders of these pages.
CREATE TABLE facet_folder (
    folder TEXT PRIMARY KEY,   -- under the output folder, with a slash at its end
    print  INTEGER NOT NULL,   -- changes with all but the stories that decides what is on its pages; 0: some page is not as it
                               -- should be
    stamp  TEXT                -- of the folder when it was last written to; NULL: there was none
) STRICT, WITHOUT ROWID;

-- What these pages list though it has left the page that they belong to: if one of these stories changes, they do.
CREATE TABLE facet_story (
    story_page TEXT NOT NULL,   -- its file
    file       TEXT NOT NULL,   -- of the page of the tag or source
    PRIMARY KEY (story_page, file)
) STRICT, WITHOUT ROWID;

CREATE INDEX facet_story_file ON facet_story (file);

-- Sources of which the outputs knew more than this database when it was new or restored.
CREATE TABLE recovered (
    source_id TEXT PRIMARY KEY,
    until     INTEGER NOT NULL   -- what is dated before and not known was published before: it is no news
) STRICT, WITHOUT ROWID;

-- When a story first came through the filter of an output: it is ordered by that there. Outputs without a filter have no
-- rows.
CREATE TABLE entered_output (
    file      TEXT    NOT NULL,
    story_key TEXT    NOT NULL,
    at        INTEGER NOT NULL,
    PRIMARY KEY (file, story_key)
) STRICT, WITHOUT ROWID;

CREATE INDEX entered_output_story ON entered_output (story_key);

-- What filter programs answered, so that an unchanged item is not filtered again.
CREATE TABLE filter_answer (
    key     BLOB PRIMARY KEY,   -- SHA-256 of the program and of the item as it was given to it
    answer  TEXT,               -- the item as it came back; NULL: it was dropped
    used_at INTEGER NOT NULL    -- when it was last asked for, to the day
) STRICT, WITHOUT ROWID;

CREATE INDEX filter_answer_used ON filter_answer (used_at);

-- What programs that rewrite made of stories: each version of a story is given to a program once.
CREATE TABLE rewrite_answer (
    id        INTEGER PRIMARY KEY,
    program   TEXT    NOT NULL,   -- the words that call it
    version   BLOB    NOT NULL,   -- SHA-256 of what leads the story, as it was given
    story_key TEXT    NOT NULL,   -- the story's id at that time; it may be an alias by now
    title     TEXT    NOT NULL,
    html      TEXT    NOT NULL,   -- sanitised
    at        INTEGER NOT NULL
) STRICT;

CREATE INDEX rewrite_answer_story ON rewrite_answer (story_key);

-- The entries that an answer was made from.
CREATE TABLE rewrite_made_from (
    answer_id INTEGER NOT NULL REFERENCES rewrite_answer (id) ON DELETE CASCADE,
    source_id TEXT    NOT NULL,
    guid      TEXT    NOT NULL,
    given     TEXT    NOT NULL,   -- excerpt or text
    PRIMARY KEY (answer_id, source_id, guid)
) STRICT, WITHOUT ROWID;

CREATE INDEX rewrite_made_from_entry ON rewrite_made_from (source_id, guid);

-- Stories that a program was not asked about, or failed on, when it was last looked at.
CREATE TABLE rewrite_left (
    program   TEXT    NOT NULL,
    story_key TEXT    NOT NULL,
    version   BLOB    NOT NULL,   -- as of an answer; empty: it may not be asked
    title     TEXT    NOT NULL,
    state     TEXT    NOT NULL,   -- forbidden, waiting, failed or given_up
    why       TEXT    NOT NULL,
    failures  INTEGER NOT NULL,   -- in a row
    again_at  INTEGER,            -- when it may be asked again; NULL: never
    PRIMARY KEY (program, story_key, version)
) STRICT, WITHOUT ROWID;

-- How programs that rewrite fare.
CREATE TABLE rewrite_program (
    program   TEXT PRIMARY KEY,
    answered  INTEGER NOT NULL,   -- stories, ever
    failures  INTEGER NOT NULL,   -- in a row
    failed_at INTEGER,            -- the last of them; NULL: none
    why       TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

-- Subscriptions at hubs (WebSub). The service writes them, beside a pass; a pass writes `pushed_at` alone.
CREATE TABLE subscription (
    path           TEXT PRIMARY KEY,            -- the last part of its callback's address, which nobody can guess
    source_id      TEXT    NOT NULL,
    address        TEXT    NOT NULL,            -- the source's own, as source.address
    topic          TEXT    NOT NULL,            -- what the feed calls itself
    hub            TEXT    NOT NULL,
    callback       TEXT    NOT NULL,            -- the whole address
    secret         TEXT,                        -- what pushes are signed with; NULL: the hub was given none
    state          TEXT    NOT NULL,            -- wanted, active, denied or leaving
    pending_since  INTEGER,                     -- when the hub was asked for what it has not confirmed; NULL: nothing is asked
    lease_until    INTEGER,                     -- NULL: never confirmed
    next_try       INTEGER NOT NULL,            -- when the hub is asked again
    failures       INTEGER NOT NULL DEFAULT 0,  -- in a row
    problem        TEXT,                        -- why the last one failed; NULL: it did not
    pushed_at      INTEGER                      -- the last push that was read; NULL: none was since a request found what had not
                                                -- been pushed
) STRICT, WITHOUT ROWID;

CREATE INDEX subscription_source ON subscription (source_id);

-- Pushes that came in and that no pass has read yet.
CREATE TABLE pushed (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    path    TEXT    NOT NULL,   -- as subscription.path
    at      INTEGER NOT NULL,
    headers TEXT    NOT NULL,   -- JSON: a list of [name, value], of those that say how the body is to be read
    body    BLOB    NOT NULL
) STRICT;

-- What somebody asked our own hub and has not confirmed yet: kept until it is, through kills.
CREATE TABLE hub_petition (
    callback TEXT    NOT NULL,
    topic    TEXT    NOT NULL,            -- the public address of an output
    wish     TEXT    NOT NULL CHECK (wish IN ('subscribe', 'unsubscribe')),
    secret   TEXT,                        -- what deliveries are to be signed with
    lease_s  INTEGER NOT NULL,            -- how long it is to last
    starts   INTEGER NOT NULL DEFAULT 0,  -- of the service since then: a call that kills it is not made again and again
    PRIMARY KEY (callback, topic)
) STRICT, WITHOUT ROWID;

-- Who is subscribed at our own hub (WebSub): confirmed by their callbacks. The service writes them, beside a pass.
CREATE TABLE hub_subscriber (
    callback    TEXT    NOT NULL,
    topic       TEXT    NOT NULL,            -- the public address of an output
    secret      TEXT,                        -- what deliveries are signed with; NULL: they are not signed
    lease_until INTEGER NOT NULL,
    sent_hash   BLOB    NOT NULL,            -- SHA-256 of what was delivered last, or given up, or there when it subscribed
    failures    INTEGER NOT NULL DEFAULT 0,  -- deliveries in a row
    next_try    INTEGER NOT NULL,            -- no delivery before
    PRIMARY KEY (callback, topic)
) STRICT, WITHOUT ROWID;
