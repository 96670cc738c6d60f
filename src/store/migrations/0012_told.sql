-- The hash that the hub of an output was told of: a run that ends between writing and telling leaves the news to the
-- next one.
ALTER TABLE published ADD COLUMN told BLOB; -- NULL: none was told
UPDATE published SET told = hash;
