-- The record: two logs that only grow, what is written with them, and the keys that can be destroyed.


CREATE SCHEMA ehcp_keys;

CREATE TABLE ehcp.plan_event (
    position bigint PRIMARY KEY CHECK (position > 0),
    stream bytea NOT NULL CHECK (octet_length(stream) = 16),
    sequence bigint NOT NULL,
    type text NOT NULL,
    time bigint NOT NULL,
    state bytea NOT NULL,
    UNIQUE (stream, sequence)
);
CREATE TABLE ehcp.draft_event (LIKE ehcp.plan_event INCLUDING ALL);
-- What is encrypted can't be compressed: no time is spent on trying.
ALTER TABLE ehcp.plan_event ALTER COLUMN state SET STORAGE EXTERNAL;
ALTER TABLE ehcp.draft_event ALTER COLUMN state SET STORAGE EXTERNAL;

CREATE FUNCTION ehcp.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the log is append-only' USING ERRCODE = 'insufficient_privilege',
        HINT = 'docs/how-to/operate-postgresql.md says how the owner does maintenance.';
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ehcp.plan_event
    FOR EACH STATEMENT EXECUTE FUNCTION ehcp.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ehcp.draft_event
    FOR EACH STATEMENT EXECUTE FUNCTION ehcp.refuse_change();

-- Also where a replication role switches ordinary triggers off.
ALTER TABLE ehcp.plan_event ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE ehcp.draft_event ENABLE ALWAYS TRIGGER append_only;

CREATE TABLE ehcp.plan_register (
    plan bytea PRIMARY KEY,
    council text NOT NULL,
    phase text NOT NULL,
    version bigint NOT NULL,
    opened_position bigint NOT NULL UNIQUE,
    updated_position bigint NOT NULL,
    retired_into bytea
);
CREATE INDEX plan_register_council ON ehcp.plan_register (council, phase, opened_position);

CREATE TABLE ehcp.plan_match (
    kind text NOT NULL,
    council text NOT NULL,
    blinded bytea NOT NULL,
    plan bytea NOT NULL,
    PRIMARY KEY (kind, council, blinded, plan)
);
CREATE UNIQUE INDEX plan_match_reference ON ehcp.plan_match (council, blinded) WHERE kind = 'localReference';
CREATE INDEX plan_match_plan ON ehcp.plan_match (plan);

CREATE TABLE ehcp.plan_stream (
    plan bytea NOT NULL,
    log text NOT NULL,
    opened_position bigint NOT NULL,
    stream bytea NOT NULL UNIQUE,
    PRIMARY KEY (plan, log, opened_position)
);

CREATE TABLE ehcp.request (
    request bytea PRIMARY KEY,
    body bytea NOT NULL,
    plan bytea NOT NULL,
    written text NOT NULL,
    created bigint NOT NULL
);
CREATE INDEX request_created ON ehcp.request (created);

CREATE TABLE ehcp.snapshot (
    plan bytea NOT NULL,
    sequence bigint NOT NULL,
    state_version bigint NOT NULL,
    snapshot_id bytea NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (plan, sequence, state_version)
);
ALTER TABLE ehcp.snapshot ALTER COLUMN sealed SET STORAGE EXTERNAL;

-- The register of erasures stands with the log, apart from the keys and their backups.
CREATE TABLE ehcp.erasure (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    plan bytea NOT NULL,
    at timestamptz NOT NULL,
    stream bytea,
    sequence bigint
);
CREATE INDEX erasure_plan ON ehcp.erasure (plan);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ehcp.erasure
    FOR EACH STATEMENT EXECUTE FUNCTION ehcp.refuse_change();
ALTER TABLE ehcp.erasure ENABLE ALWAYS TRIGGER append_only;

CREATE TABLE ehcp_keys.child_key (
    plan bytea PRIMARY KEY,
    council text NOT NULL,
    key_id text NOT NULL,
    wrapped bytea NOT NULL
);
CREATE TABLE ehcp_keys.event_key (
    stream bytea NOT NULL,
    sequence bigint NOT NULL,
    event_id bytea NOT NULL,
    plan bytea NOT NULL,
    wrapped bytea NOT NULL,
    PRIMARY KEY (stream, sequence, event_id)
);
CREATE TABLE ehcp_keys.snapshot_key (
    plan bytea NOT NULL,
    sequence bigint NOT NULL,
    snapshot_id bytea NOT NULL,
    wrapped bytea NOT NULL,
    PRIMARY KEY (plan, sequence, snapshot_id)
);

-- A batch of groups: parallel arrays, each row with the number of its group, 1 to n. p_: events of the plan log, d_: of the
-- draft log, k_: keys of events, c_: keys of children that are new, r_: requests, g_: rows of the register, m_: their
-- identifiers, s_: streams of other logs that were opened.
CREATE TYPE ehcp.batch AS (
    groups bigint,
    p_group bigint[], p_stream bytea[], p_sequence bigint[], p_type text[], p_state bytea[],
    d_group bigint[], d_stream bytea[], d_sequence bigint[], d_type text[], d_state bytea[],
    k_group bigint[], k_stream bytea[], k_sequence bigint[], k_event bytea[], k_plan bytea[], k_wrapped bytea[],
    c_group bigint[], c_plan bytea[], c_council text[], c_key_id text[], c_wrapped bytea[],
    r_group bigint[], r_request bytea[], r_body bytea[], r_plan bytea[], r_written text[],
    g_group bigint[], g_plan bytea[], g_council text[], g_phase text[], g_version bigint[], g_retired bytea[],
    m_group bigint[], m_plan bytea[], m_kind text[], m_council text[], m_blinded bytea[],
    s_group bigint[], s_plan bytea[], s_log text[], s_stream bytea[],
    now bigint,
    from_zero boolean
);

-- Why a group was refused: `subject` is a stream or a plan, `given` and `expected` are sequences.
CREATE TYPE ehcp.refusal AS (grp bigint, code text, subject bytea, given bigint, expected bigint);

CREATE FUNCTION ehcp.refusal_of(b ehcp.batch, first_group bigint, last_group bigint) RETURNS ehcp.refusal
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    found ehcp.refusal;
BEGIN
    IF cardinality(b.c_group) > 0 THEN
        SELECT c.grp, CASE WHEN c.erased THEN 'destroyed' ELSE 'key' END, c.plan, NULL::bigint, NULL::bigint INTO found
        FROM (
            SELECT u.*, kept.wrapped IS DISTINCT FROM u.wrapped AND kept.wrapped IS NOT NULL AS differs,
                   lag(u.wrapped, 1, u.wrapped) OVER (PARTITION BY u.plan) <> u.wrapped AS rival,
                   EXISTS (SELECT FROM ehcp.erasure e WHERE e.plan = u.plan AND e.sequence IS NULL) AS erased
            FROM unnest(b.c_group, b.c_plan, b.c_wrapped) AS u (grp, plan, wrapped)
            LEFT JOIN ehcp_keys.child_key kept ON kept.plan = u.plan
            WHERE u.grp BETWEEN first_group AND last_group
        ) c WHERE c.differs OR c.rival OR c.erased LIMIT 1;
        IF found.grp IS NOT NULL THEN RETURN found; END IF;
    END IF;
    IF cardinality(b.k_group) > 0 THEN
        SELECT k.grp, 'destroyed', k.plan, NULL::bigint, NULL::bigint INTO found
        FROM unnest(b.k_group, b.k_plan) AS k (grp, plan)
        WHERE k.grp BETWEEN first_group AND last_group
          AND NOT EXISTS (SELECT FROM ehcp_keys.child_key c WHERE c.plan = k.plan)
          AND NOT EXISTS (
              SELECT FROM unnest(b.c_group, b.c_plan) AS c (grp, plan)
              WHERE c.plan = k.plan AND c.grp BETWEEN first_group AND k.grp
          ) LIMIT 1;
        IF found.grp IS NOT NULL THEN RETURN found; END IF;
    END IF;
    IF cardinality(b.p_group) > 0 THEN
        SELECT e.grp, 'sequence', e.stream, e.sequence, e.expected INTO found FROM (
            SELECT n.*, coalesce(tail.sequence, CASE WHEN b.from_zero AND n.lowest = 0 THEN -1 ELSE 0 END) + n.nth AS expected
            FROM (
                SELECT u.*, row_number() OVER w AS nth, min(u.sequence) OVER (PARTITION BY u.stream) AS lowest
                FROM unnest(b.p_group, b.p_stream, b.p_sequence) WITH ORDINALITY AS u (grp, stream, sequence, ord)
                WHERE u.grp BETWEEN first_group AND last_group
                WINDOW w AS (PARTITION BY u.stream ORDER BY u.ord)
            ) n LEFT JOIN LATERAL (
                SELECT x.sequence FROM ehcp.plan_event x WHERE x.stream = n.stream ORDER BY x.sequence DESC LIMIT 1
            ) tail ON true
        ) e WHERE e.sequence <> e.expected ORDER BY e.ord LIMIT 1;
        IF found.grp IS NOT NULL THEN RETURN found; END IF;
    END IF;
    IF cardinality(b.d_group) > 0 THEN
        SELECT e.grp, 'sequence', e.stream, e.sequence, e.expected INTO found FROM (
            SELECT n.*, coalesce(tail.sequence, CASE WHEN b.from_zero AND n.lowest = 0 THEN -1 ELSE 0 END) + n.nth AS expected
            FROM (
                SELECT u.*, row_number() OVER w AS nth, min(u.sequence) OVER (PARTITION BY u.stream) AS lowest
                FROM unnest(b.d_group, b.d_stream, b.d_sequence) WITH ORDINALITY AS u (grp, stream, sequence, ord)
                WHERE u.grp BETWEEN first_group AND last_group
                WINDOW w AS (PARTITION BY u.stream ORDER BY u.ord)
            ) n LEFT JOIN LATERAL (
                SELECT x.sequence FROM ehcp.draft_event x WHERE x.stream = n.stream ORDER BY x.sequence DESC LIMIT 1
            ) tail ON true
        ) e WHERE e.sequence <> e.expected ORDER BY e.ord LIMIT 1;
        IF found.grp IS NOT NULL THEN RETURN found; END IF;
    END IF;
    IF cardinality(b.r_group) > 0 THEN
        SELECT r.grp, 'repeat', r.request, NULL::bigint, NULL::bigint INTO found
        FROM (
            SELECT u.*, row_number() OVER (PARTITION BY u.request) AS nth
            FROM unnest(b.r_group, b.r_request) AS u (grp, request)
            WHERE u.grp BETWEEN first_group AND last_group
        ) r
        WHERE r.nth > 1 OR EXISTS (SELECT FROM ehcp.request q WHERE q.request = r.request) LIMIT 1;
        IF found.grp IS NOT NULL THEN RETURN found; END IF;
    END IF;
    IF cardinality(b.g_group) > 0 THEN
        -- A plan that two groups change is no reason to refuse either: they are looked at one by one.
        SELECT g.grp, 'together', g.plan, NULL::bigint, NULL::bigint INTO found
        FROM (
            SELECT u.*, row_number() OVER (PARTITION BY u.plan) AS nth FROM unnest(b.g_group, b.g_plan) AS u (grp, plan)
            WHERE u.grp BETWEEN first_group AND last_group
        ) g WHERE g.nth > 1 LIMIT 1;
        IF found.grp IS NOT NULL THEN RETURN found; END IF;
        SELECT m.grp, 'reference', coalesce(holder.plan, m.rival), NULL::bigint, NULL::bigint INTO found
        FROM (
            SELECT u.*, nullif(lag(u.plan, 1, u.plan) OVER (PARTITION BY u.council, u.blinded), u.plan) AS rival
            FROM unnest(b.m_group, b.m_plan, b.m_kind, b.m_council, b.m_blinded) AS u (grp, plan, kind, council, blinded)
            WHERE u.kind = 'localReference' AND u.grp BETWEEN first_group AND last_group
        ) m
        LEFT JOIN ehcp.plan_match holder
          ON holder.kind = 'localReference' AND holder.council = m.council AND holder.blinded = m.blinded
         AND NOT EXISTS (
             SELECT FROM unnest(b.g_group, b.g_plan) AS g (grp, plan) WHERE g.grp = m.grp AND g.plan = holder.plan
         )
        WHERE holder.plan IS NOT NULL OR m.rival IS NOT NULL LIMIT 1;
        IF found.grp IS NOT NULL THEN RETURN found; END IF;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION ehcp.write_groups(b ehcp.batch, first_group bigint, last_group bigint) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    head record;
BEGIN
    IF cardinality(b.p_group) > 0 THEN
        SELECT coalesce(max(e.position), 0) AS position, coalesce(max(e.time), 0) AS time INTO head
        FROM (SELECT x.position, x.time FROM ehcp.plan_event x ORDER BY x.position DESC LIMIT 1) e;
        INSERT INTO ehcp.plan_event
        SELECT head.position + row_number() OVER (ORDER BY u.ord), u.stream, u.sequence, u.type, greatest(b.now, head.time), u.state
        FROM unnest(b.p_group, b.p_stream, b.p_sequence, b.p_type, b.p_state)
             WITH ORDINALITY AS u (grp, stream, sequence, type, state, ord)
        WHERE u.grp BETWEEN first_group AND last_group;
    END IF;
    IF cardinality(b.d_group) > 0 THEN
        SELECT coalesce(max(e.position), 0) AS position, coalesce(max(e.time), 0) AS time INTO head
        FROM (SELECT x.position, x.time FROM ehcp.draft_event x ORDER BY x.position DESC LIMIT 1) e;
        INSERT INTO ehcp.draft_event
        SELECT head.position + row_number() OVER (ORDER BY u.ord), u.stream, u.sequence, u.type, greatest(b.now, head.time), u.state
        FROM unnest(b.d_group, b.d_stream, b.d_sequence, b.d_type, b.d_state)
             WITH ORDINALITY AS u (grp, stream, sequence, type, state, ord)
        WHERE u.grp BETWEEN first_group AND last_group;
    END IF;
    IF cardinality(b.c_group) > 0 THEN
        INSERT INTO ehcp_keys.child_key
        SELECT u.plan, u.council, u.key_id, u.wrapped
        FROM unnest(b.c_group, b.c_plan, b.c_council, b.c_key_id, b.c_wrapped) AS u (grp, plan, council, key_id, wrapped)
        WHERE u.grp BETWEEN first_group AND last_group
        ON CONFLICT DO NOTHING;
    END IF;
    IF cardinality(b.k_group) > 0 THEN
        INSERT INTO ehcp_keys.event_key
        SELECT u.stream, u.sequence, u.event, u.plan, u.wrapped
        FROM unnest(b.k_group, b.k_stream, b.k_sequence, b.k_event, b.k_plan, b.k_wrapped)
             AS u (grp, stream, sequence, event, plan, wrapped)
        WHERE u.grp BETWEEN first_group AND last_group;
    END IF;
    IF cardinality(b.r_group) > 0 THEN
        INSERT INTO ehcp.request
        SELECT u.request, u.body, u.plan, u.written, b.now
        FROM unnest(b.r_group, b.r_request, b.r_body, b.r_plan, b.r_written) AS u (grp, request, body, plan, written)
        WHERE u.grp BETWEEN first_group AND last_group;
    END IF;
    IF cardinality(b.g_group) > 0 THEN
        -- Most acts leave a plan's identifiers as they are: what stays the same isn't written again.
        DELETE FROM ehcp.plan_match m USING unnest(b.g_group, b.g_plan) AS u (grp, plan)
        WHERE m.plan = u.plan AND u.grp BETWEEN first_group AND last_group AND NOT EXISTS (
            SELECT FROM unnest(b.m_group, b.m_plan, b.m_kind, b.m_council, b.m_blinded) AS n (grp, plan, kind, council, blinded)
            WHERE n.grp = u.grp AND n.plan = m.plan AND n.kind = m.kind AND n.council = m.council AND n.blinded = m.blinded
        );
        INSERT INTO ehcp.plan_register AS r
        SELECT u.plan, u.council, u.phase, u.version, tail.position, tail.position, u.retired
        FROM unnest(b.g_group, b.g_plan, b.g_council, b.g_phase, b.g_version, b.g_retired)
             AS u (grp, plan, council, phase, version, retired)
        JOIN (
            SELECT p.grp, p.stream, max(p.sequence) AS sequence
            FROM unnest(b.p_group, b.p_stream, b.p_sequence) AS p (grp, stream, sequence)
            WHERE p.grp BETWEEN first_group AND last_group GROUP BY p.grp, p.stream
        ) last ON last.grp = u.grp AND last.stream = u.plan
        JOIN ehcp.plan_event tail ON tail.stream = last.stream AND tail.sequence = last.sequence
        WHERE u.grp BETWEEN first_group AND last_group
        ON CONFLICT (plan) DO UPDATE SET council = excluded.council, phase = excluded.phase, version = excluded.version,
            updated_position = excluded.updated_position, retired_into = excluded.retired_into;
        INSERT INTO ehcp.plan_match
        SELECT u.kind, u.council, u.blinded, u.plan
        FROM unnest(b.m_group, b.m_plan, b.m_kind, b.m_council, b.m_blinded) AS u (grp, plan, kind, council, blinded)
        WHERE u.grp BETWEEN first_group AND last_group
        ON CONFLICT (kind, council, blinded, plan) DO NOTHING;
    END IF;
    IF cardinality(b.s_group) > 0 THEN
        INSERT INTO ehcp.plan_stream
        SELECT u.plan, u.log, coalesce(d.position, p.position), u.stream
        FROM unnest(b.s_group, b.s_plan, b.s_log, b.s_stream) AS u (grp, plan, log, stream)
        LEFT JOIN ehcp.draft_event d ON u.log = 'draft' AND d.stream = u.stream AND d.sequence = 1
        LEFT JOIN ehcp.plan_event p ON u.log = 'plan' AND p.stream = u.stream AND p.sequence = 1
        WHERE u.grp BETWEEN first_group AND last_group;
    END IF;
END $$;

-- The number of the order lock: whoever adds to the logs, or to the register of erasures, takes it for one statement.
CREATE FUNCTION ehcp.order_lock() RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT 4848454350';

-- The append: the whole batch in one statement, committed before its answer is sent, so that the order lock is never held
-- while a client thinks: not even while the last bytes of its message are on their way, which a function would wait for.
-- Every group is taken whole or refused whole, as if they came one by one, in order. Groups that don't get in each other's
-- way are written together; one that might is looked at by itself, after those before it are written. Returns the last position and the time of recording of each log (the
-- moment is the server's unless the batch brings one) and the refusals.
CREATE PROCEDURE ehcp.append(
    b ehcp.batch,
    INOUT plan_head bigint, INOUT plan_time bigint, INOUT draft_head bigint, INOUT draft_time bigint,
    INOUT grp bigint[], INOUT code text[], INOUT subject bytea[], INOUT given bigint[], INOUT expected bigint[]
)
LANGUAGE plpgsql AS $$
DECLARE
    one ehcp.refusal;
    first_group bigint := 1;
    last_group bigint := b.groups;
    span bigint := b.groups; -- how many groups are tried at once: fewer after a refusal, more after a success
BEGIN
    PERFORM pg_advisory_xact_lock(ehcp.order_lock());
    b.now := coalesce(b.now, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint);
    WHILE first_group <= b.groups LOOP
        one := ehcp.refusal_of(b, first_group, last_group);
        IF one.grp IS NULL THEN
            PERFORM ehcp.write_groups(b, first_group, last_group);
            first_group := last_group + 1;
            span := least(span * 4, b.groups);
            last_group := least(first_group + span - 1, b.groups);
        ELSIF first_group = last_group THEN
            grp := grp || one.grp;
            code := code || one.code;
            subject := subject || one.subject;
            given := given || one.given;
            expected := expected || one.expected;
            first_group := first_group + 1;
            span := greatest(span / 4, 1);
            last_group := least(first_group + span - 1, b.groups);
        ELSE
            last_group := greatest(first_group, one.grp - 1);
        END IF;
    END LOOP;
    SELECT e.position, e.time INTO plan_head, plan_time FROM ehcp.plan_event e ORDER BY e.position DESC LIMIT 1;
    IF cardinality(b.d_group) > 0 THEN
        SELECT e.position, e.time INTO draft_head, draft_time FROM ehcp.draft_event e ORDER BY e.position DESC LIMIT 1;
    END IF;
    COMMIT;
END $$;

-- The application's role: reads and appends, and changes what may change; never the log.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ehcp_app') THEN
        CREATE ROLE ehcp_app NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL; -- another database of the same server was set up at the same moment
END $$;
GRANT USAGE ON SCHEMA ehcp, ehcp_keys TO ehcp_app;
GRANT SELECT, INSERT ON ehcp.plan_event, ehcp.draft_event, ehcp.erasure TO ehcp_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ehcp.plan_register, ehcp.plan_match, ehcp.plan_stream, ehcp.request, ehcp.snapshot TO ehcp_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ehcp_keys TO ehcp_app;
GRANT SELECT ON ehcp.alembic_version TO ehcp_app;
