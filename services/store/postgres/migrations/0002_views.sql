-- The read models: rebuilt from the log at any time, so nothing here is more than a head start.

CREATE SCHEMA ehcp_views;

CREATE TABLE ehcp_views.view_current (
    generation INTEGER NOT NULL,
    plan UUID NOT NULL,
    sequence INTEGER NOT NULL,
    council VARCHAR(3) NOT NULL,
    phase VARCHAR(30) NOT NULL,
    version INTEGER NOT NULL,
    text INTEGER NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (generation, plan)
);
COMMENT ON COLUMN ehcp_views.view_current.text IS 'the sequence of the text in force, in view_version; 0 for none';

CREATE TABLE ehcp_views.view_erasure (
    lane SMALLINT NOT NULL,
    handled INTEGER NOT NULL,
    PRIMARY KEY (lane)
);
COMMENT ON TABLE ehcp_views.view_erasure IS 'How many entries of the erasure register each lane has followed';

CREATE TABLE ehcp_views.view_generation (
    view VARCHAR(30) NOT NULL,
    generation INTEGER NOT NULL,
    state VARCHAR(10) NOT NULL,
    built_to BIGINT NOT NULL,
    PRIMARY KEY (view, generation)
);
COMMENT ON TABLE ehcp_views.view_generation IS 'Which generations of a view there are: one live, at most one building, retired ones until they are purged';
COMMENT ON COLUMN ehcp_views.view_generation.built_to IS 'what the log held when it was begun: taken in plan by plan';

CREATE TABLE ehcp_views.view_history (
    generation INTEGER NOT NULL,
    plan UUID NOT NULL,
    sequence INTEGER NOT NULL,
    position BIGINT NOT NULL,
    time BIGINT NOT NULL,
    type VARCHAR(80) NOT NULL,
    event UUID NOT NULL,
    status VARCHAR(10) NOT NULL,
    sealed BYTEA,
    PRIMARY KEY (generation, plan, sequence)
);
COMMENT ON COLUMN ehcp_views.view_history.time IS 'microseconds since the epoch, UTC';
COMMENT ON COLUMN ehcp_views.view_history.status IS 'counted, superseded or erased';

CREATE TABLE ehcp_views.view_parked (
    view VARCHAR(30) NOT NULL,
    generation INTEGER NOT NULL,
    plan UUID NOT NULL,
    position BIGINT NOT NULL,
    error VARCHAR(80) NOT NULL,
    retry SMALLINT NOT NULL,
    PRIMARY KEY (view, generation, plan)
);
COMMENT ON TABLE ehcp_views.view_parked IS 'Plans that a view leaves alone since the event at a position could not be taken in';

CREATE TABLE ehcp_views.view_position (
    view VARCHAR(30) NOT NULL,
    generation INTEGER NOT NULL,
    lane SMALLINT NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (view, generation, lane)
);
COMMENT ON TABLE ehcp_views.view_position IS 'Up to which position of the log each lane of a generation is done; moved with the rows, or not at all';

CREATE TABLE ehcp_views.view_version (
    generation INTEGER NOT NULL,
    plan UUID NOT NULL,
    sequence INTEGER NOT NULL,
    number INTEGER NOT NULL,
    kind VARCHAR(10) NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (generation, plan, sequence)
);

CREATE TABLE ehcp_views.view_worklist (
    generation INTEGER NOT NULL,
    plan UUID NOT NULL,
    council VARCHAR(3) NOT NULL,
    phase VARCHAR(30) NOT NULL,
    version INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    opened_position BIGINT NOT NULL,
    updated_position BIGINT NOT NULL,
    next_clock VARCHAR(30),
    next_due VARCHAR(10),
    sealed BYTEA,
    PRIMARY KEY (generation, plan)
);
CREATE INDEX view_worklist_council ON ehcp_views.view_worklist (generation, council, opened_position);
CREATE INDEX view_worklist_opened ON ehcp_views.view_worklist (generation, opened_position);

CREATE TABLE ehcp_views.view_worklist_clock (
    generation INTEGER NOT NULL,
    plan UUID NOT NULL,
    key VARCHAR(160) NOT NULL,
    clock VARCHAR(30) NOT NULL,
    kind VARCHAR(10) NOT NULL,
    due_on VARCHAR(10) NOT NULL,
    PRIMARY KEY (generation, plan, key)
);
CREATE INDEX view_worklist_clock_due ON ehcp_views.view_worklist_clock (generation, due_on);
CREATE INDEX view_worklist_clock_id ON ehcp_views.view_worklist_clock (generation, clock, due_on);

CREATE TABLE ehcp_views.view_worklist_name (
    generation INTEGER NOT NULL,
    plan UUID NOT NULL,
    kind VARCHAR(10) NOT NULL,
    token BYTEA NOT NULL,
    PRIMARY KEY (generation, plan, kind, token)
);
CREATE INDEX view_worklist_name_found ON ehcp_views.view_worklist_name (generation, kind, token);

CREATE TABLE ehcp_views.view_worklist_organisation (
    generation INTEGER NOT NULL,
    plan UUID NOT NULL,
    relation VARCHAR(20) NOT NULL,
    organisation VARCHAR(80) NOT NULL,
    PRIMARY KEY (generation, plan, relation, organisation)
);
CREATE INDEX view_worklist_organisation_found ON ehcp_views.view_worklist_organisation (generation, organisation, plan);

GRANT USAGE ON SCHEMA ehcp_views TO ehcp_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ehcp_views TO ehcp_app;
