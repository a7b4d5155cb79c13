-- Which sessions rest on whom at a provider, and whom it signed out lately: keyed hashes of its names.

CREATE TABLE ehcp.provider_session (
    at_provider bytea NOT NULL,
    session bytea NOT NULL,
    ends bigint NOT NULL,
    PRIMARY KEY (at_provider, session)
);
CREATE INDEX provider_session_session ON ehcp.provider_session (session);
CREATE INDEX provider_session_ends ON ehcp.provider_session (ends);

CREATE TABLE ehcp.provider_sign_out (
    at_provider bytea PRIMARY KEY,
    at bigint NOT NULL,
    kept_until bigint NOT NULL
);
CREATE INDEX provider_sign_out_kept_until ON ehcp.provider_sign_out (kept_until);

GRANT SELECT, INSERT, UPDATE, DELETE ON ehcp.provider_session, ehcp.provider_sign_out TO ehcp_app;
