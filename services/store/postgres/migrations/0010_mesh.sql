-- What became of messages in MESH: written once, never changed.

CREATE TABLE ehcp.mesh_event (
    message VARCHAR(80) NOT NULL,
    kind VARCHAR(20) NOT NULL,
    subscription UUID NOT NULL,
    number BIGINT NOT NULL,
    code VARCHAR(20) NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (message, kind)
);
CREATE INDEX mesh_event_subscription ON ehcp.mesh_event (subscription, kind);

GRANT SELECT, INSERT ON ehcp.mesh_event TO ehcp_app;
