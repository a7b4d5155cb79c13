-- The logs' Merkle trees, as tiles, and what was signed of them: hashes, sizes, signatures.

CREATE TABLE ehcp.tree (
    log VARCHAR(20) NOT NULL,
    size BIGINT NOT NULL,
    edge BYTEA NOT NULL,
    PRIMARY KEY (log)
);

CREATE TABLE ehcp.tree_tile (
    log VARCHAR(20) NOT NULL,
    level INTEGER NOT NULL,
    tile BIGINT NOT NULL,
    hashes BYTEA NOT NULL,
    PRIMARY KEY (log, level, tile)
);
-- Hashes can't be compressed: no time is spent on trying.
ALTER TABLE ehcp.tree ALTER COLUMN edge SET STORAGE EXTERNAL;
ALTER TABLE ehcp.tree_tile ALTER COLUMN hashes SET STORAGE EXTERNAL;

CREATE TABLE ehcp.checkpoint (
    log VARCHAR(20) NOT NULL,
    number BIGINT NOT NULL,
    size BIGINT NOT NULL,
    root BYTEA NOT NULL,
    time BIGINT NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (log, number)
);
CREATE UNIQUE INDEX checkpoint_size ON ehcp.checkpoint (log, size);

CREATE TABLE ehcp.checkpoint_key (
    log VARCHAR(20) NOT NULL,
    number BIGINT NOT NULL,
    key VARCHAR(300) NOT NULL,
    PRIMARY KEY (log, number)
);

GRANT SELECT, INSERT, UPDATE ON ehcp.tree TO ehcp_app;
GRANT SELECT, INSERT ON ehcp.tree_tile, ehcp.checkpoint, ehcp.checkpoint_key TO ehcp_app;
