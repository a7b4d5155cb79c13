-- How far each log was in Kafka when its publisher last said so, for whoever asks without asking the cluster.

CREATE TABLE ehcp.publication (
    log VARCHAR(100) NOT NULL,
    position BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (log)
);

GRANT SELECT, INSERT, UPDATE ON ehcp.publication TO ehcp_app;
