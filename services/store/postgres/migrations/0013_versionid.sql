-- A signal's versionid is the position that it tells of: the plan's own count of events would tell of those that a recipient
-- may not know of.
ALTER TABLE ehcp.signal DROP COLUMN sequence;
