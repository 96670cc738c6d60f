-- The fingerprint of feeds.toml under which a source was gone for good: when feeds.toml changes, it is asked
-- once more. NULL: it is not gone, or was before this was kept.
ALTER TABLE source ADD COLUMN gone_under INTEGER;
