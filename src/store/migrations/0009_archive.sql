-- The pages of single days that were published.
CREATE TABLE archive (
    file    TEXT PRIMARY KEY,   -- under the output folder
    content INTEGER NOT NULL,   -- changes with the stories of the day and with what decides how they are shown
    print   INTEGER NOT NULL,   -- changes with content and with the days before and after it
    items   INTEGER NOT NULL    -- 0: the day has nothing to show, and no file
) STRICT, WITHOUT ROWID;

CREATE INDEX story_date ON story (date_at) WHERE held_back = 0 AND first_published_at IS NOT NULL;
