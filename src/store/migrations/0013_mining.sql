-- What the tdmrep.json of a host reserves from text and data mining, as a robots.txt that disallows it; '' where it says
-- nothing; NULL: not asked for since robots.txt was.
ALTER TABLE robots ADD COLUMN mining TEXT;
