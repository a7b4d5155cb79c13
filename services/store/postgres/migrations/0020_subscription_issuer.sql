-- Whoever asked for a subscription is named by a subject at an issuer: the same subject at another one is somebody else.
ALTER TABLE ehcp.subscription ADD COLUMN issuer VARCHAR(2000) DEFAULT '' NOT NULL;
