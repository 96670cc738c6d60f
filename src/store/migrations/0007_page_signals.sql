-- What the answer that brought the page says of its rights: as feed.signals.
ALTER TABLE article ADD COLUMN signals TEXT NOT NULL DEFAULT '';
