-- What publishers say of their rights: JSON, a list of [kind, origin, value]; empty where nothing is said.
ALTER TABLE feed ADD COLUMN signals TEXT NOT NULL DEFAULT '';

UPDATE feed SET signals = '[["access_restriction","feed","deny"]]' WHERE denies_republishing = 1;

ALTER TABLE feed DROP COLUMN denies_republishing;

ALTER TABLE entry ADD COLUMN signals TEXT NOT NULL DEFAULT '';
