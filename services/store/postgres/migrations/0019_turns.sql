-- Which edition of the access matrix each lane of the router has followed last, and up to which plan (signals/turning.py).
ALTER TABLE ehcp.signal_lane ADD COLUMN turn BIGINT DEFAULT 0 NOT NULL, ADD COLUMN turned UUID;
