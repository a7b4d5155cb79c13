-- What signing in leaves behind: assertions and attempts that were used up, sessions, and who a family's members are.
-- Hashes are keyed, sessions sealed under the id that only the browser holds.

CREATE TABLE ehcp.single_use (
    used bytea PRIMARY KEY,
    kept_until bigint NOT NULL
);
CREATE INDEX single_use_kept_until ON ehcp.single_use (kept_until);

CREATE TABLE ehcp.web_session (
    session bytea PRIMARY KEY,
    person bytea NOT NULL,
    sealed bytea NOT NULL,
    begun bigint NOT NULL,
    seen bigint NOT NULL,
    ends bigint NOT NULL
);
CREATE INDEX web_session_person ON ehcp.web_session (person);
CREATE INDEX web_session_ends ON ehcp.web_session (ends);

CREATE TABLE ehcp.family_invitation (
    invitation bytea PRIMARY KEY,
    plan bytea NOT NULL,
    contact text NOT NULL,
    valid_until bigint NOT NULL
);

CREATE TABLE ehcp.family_link (
    person bytea NOT NULL,
    plan bytea NOT NULL,
    contact text NOT NULL,
    linked bigint NOT NULL,
    PRIMARY KEY (person, plan)
);
CREATE INDEX family_link_plan ON ehcp.family_link (plan);

GRANT SELECT, INSERT, UPDATE, DELETE ON ehcp.single_use, ehcp.web_session, ehcp.family_invitation, ehcp.family_link
    TO ehcp_app;
