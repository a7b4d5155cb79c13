-- An event's data key is derived from its child's root, not kept as a row (docs/decisions/0012). Rows that are there stay:
-- a child without a root has one for each of its events, and gets a root before its next one is sealed.

ALTER TABLE ehcp_keys.child_key ADD COLUMN root bigint;
-- Up to which position of each log the data keys of the child's events are rows of event_key: a JSON object by log.
ALTER TABLE ehcp_keys.child_key ADD COLUMN rows_upto text;

-- As before, but once for all rows of a statement.
DROP TRIGGER not_retired ON ehcp_keys.child_key;
CREATE OR REPLACE FUNCTION ehcp_keys.refuse_retired() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM ehcp_keys.retired_key r JOIN written w ON w.key_id = r.key_id) THEN
        RAISE EXCEPTION 'the council key is retired' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER not_retired AFTER INSERT ON ehcp_keys.child_key
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION ehcp_keys.refuse_retired();
CREATE TRIGGER not_rewrapped_with_retired AFTER UPDATE ON ehcp_keys.child_key
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION ehcp_keys.refuse_retired();

DROP PROCEDURE ehcp.append;
DROP PROCEDURE ehcp.append_disclosures;
DROP TYPE ehcp.batch_events;
DROP TYPE ehcp.batch_event_keys;
DROP TYPE ehcp.batch_child_keys;

-- `root`: of the stream's child, that the event's key came of; null where the group brings the child's key, or k says it.
CREATE TYPE ehcp.batch_events AS (
    grp bigint[], stream bytea[], sequence bigint[], type text[], state bytea[], root bigint[],
    after_group bigint[], after_sequence bigint[]
);
-- The roots that the keys of events came of whose stream isn't a plan, each once in a group.
CREATE TYPE ehcp.batch_roots AS (grp bigint[], plan bytea[], root bigint[]);
CREATE TYPE ehcp.batch_child_keys AS (
    grp bigint[], plan bytea[], council text[], key_id text[], wrapped bytea[], root bigint[]
);

-- As 0008 has it, but for keys. p: events of the plan log, d: of the draft log, k: roots, c: keys of children that are new,
-- r: requests, g: rows of the register, n and m: identifiers, s: streams. Gives back `heads`: the last position before the
-- batch and the time of recording (the server's moment unless the batch brings one; never before an earlier one) of the plan
-- log and the draft log; `refused`: [group, code, subject in hex, given, expected] of each refusal, the subject a stream or a
-- plan, the others sequences.
CREATE PROCEDURE ehcp.append(
    group_count bigint,
    p ehcp.batch_events, d ehcp.batch_events, k ehcp.batch_roots, c ehcp.batch_child_keys, r ehcp.batch_requests,
    g ehcp.batch_register, n ehcp.batch_renamed, m ehcp.batch_identifiers, s ehcp.batch_streams,
    moment bigint, from_zero boolean,
    INOUT heads bigint[], INOUT refused jsonb
)
LANGUAGE plpgsql AS $$
DECLARE
    first_group bigint;
    last_group bigint;
    span bigint; -- how many groups are tried at once: fewer after a refusal, more after a success
    plan_base bigint; -- the position of an event is this and its number in the batch
    plan_time bigint;
    draft_base bigint;
    draft_time bigint;
    bad_group bigint;
    bad_code text;
    bad_subject bytea;
    bad_given bigint;
    bad_expected bigint;
BEGIN
    -- The plans below are made once in a session, and by the indexes, where the session says so, as the writer's does.
    PERFORM pg_advisory_xact_lock(ehcp.order_lock());
    SELECT 1::bigint, group_count, group_count, b.moment, coalesce(e.position, 0), greatest(b.moment, e.time),
           ARRAY[coalesce(e.position, 0), greatest(b.moment, e.time), 0, 0]
    INTO first_group, last_group, span, moment, plan_base, plan_time, heads
    FROM (SELECT coalesce(moment, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)) AS b (moment)
    LEFT JOIN LATERAL (SELECT x.position, x.time FROM ehcp.plan_event x ORDER BY x.position DESC LIMIT 1) e ON true;
    IF d.grp IS NOT NULL THEN
        SELECT coalesce(e.position, 0), greatest(b.moment, e.time),
               heads[1:2] || ARRAY[coalesce(e.position, 0), greatest(b.moment, e.time)]
        INTO draft_base, draft_time, heads
        FROM (SELECT moment) AS b (moment)
        LEFT JOIN LATERAL (SELECT x.position, x.time FROM ehcp.draft_event x ORDER BY x.position DESC LIMIT 1) e ON true;
    END IF;
    LOOP
        IF c.grp IS NOT NULL THEN
            SELECT looked.grp, CASE WHEN looked.erased THEN 'destroyed' ELSE 'key' END, looked.plan
            INTO bad_group, bad_code, bad_subject
            FROM (
                SELECT u.*, kept.wrapped IS DISTINCT FROM u.wrapped AND kept.wrapped IS NOT NULL AS differs,
                       lag(u.wrapped, 1, u.wrapped) OVER (PARTITION BY u.plan) <> u.wrapped AS rival,
                       EXISTS (SELECT FROM ehcp.erasure e WHERE e.plan = u.plan AND e.sequence IS NULL) AS erased
                FROM unnest(c.grp, c.plan, c.wrapped) AS u (grp, plan, wrapped)
                LEFT JOIN ehcp_keys.child_key kept ON kept.plan = u.plan
                WHERE u.grp BETWEEN first_group AND last_group
            ) looked WHERE looked.differs OR looked.rival OR looked.erased LIMIT 1;
        END IF;
        -- A root that was replaced would make unreadable what is written under it now.
        IF bad_group IS NULL AND p.root IS NOT NULL THEN
            SELECT u.grp, CASE WHEN x.plan IS NULL THEN 'destroyed' ELSE 'key' END, u.stream INTO bad_group, bad_code, bad_subject
            FROM unnest(p.grp, p.stream, p.root) AS u (grp, stream, root) LEFT JOIN ehcp_keys.child_key x ON x.plan = u.stream
            WHERE u.grp BETWEEN first_group AND last_group AND u.root IS NOT NULL AND x.root IS DISTINCT FROM u.root LIMIT 1;
        END IF;
        IF bad_group IS NULL AND k.grp IS NOT NULL THEN
            SELECT u.grp, CASE WHEN x.plan IS NULL THEN 'destroyed' ELSE 'key' END, u.plan INTO bad_group, bad_code, bad_subject
            FROM unnest(k.grp, k.plan, k.root) AS u (grp, plan, root) LEFT JOIN ehcp_keys.child_key x ON x.plan = u.plan
            WHERE u.grp BETWEEN first_group AND last_group AND x.root IS DISTINCT FROM u.root LIMIT 1;
        END IF;
        IF bad_group IS NULL AND p.grp IS NOT NULL THEN
            -- From the event before on: one entry of the index where all is well, however long the stream is.
            SELECT u.grp, 'sequence', u.stream, u.sequence, CASE WHEN u.after_group >= first_group THEN u.after_sequence + 1 END
            INTO bad_group, bad_code, bad_subject, bad_given, bad_expected
            FROM unnest(p.grp, p.stream, p.sequence, p.after_group, p.after_sequence)
                 AS u (grp, stream, sequence, after_group, after_sequence)
            WHERE u.grp BETWEEN first_group AND last_group AND u.sequence IS DISTINCT FROM
                CASE WHEN u.after_group >= first_group THEN u.after_sequence + 1 ELSE coalesce(
                    (
                        SELECT x.sequence + 1 FROM ehcp.plan_event x
                        WHERE x.stream = u.stream AND x.sequence >= u.sequence - 1 ORDER BY x.sequence DESC LIMIT 1
                    ),
                    CASE WHEN u.sequence = 1 OR (u.sequence = 0 AND from_zero) THEN u.sequence END
                ) END
            LIMIT 1;
            IF bad_group IS NOT NULL AND bad_expected IS NULL THEN
                SELECT coalesce(max(x.sequence), 0) + 1 INTO bad_expected FROM ehcp.plan_event x WHERE x.stream = bad_subject;
            END IF;
        END IF;
        IF bad_group IS NULL AND d.grp IS NOT NULL THEN
            -- From the event before on: one entry of the index where all is well, however long the stream is.
            SELECT u.grp, 'sequence', u.stream, u.sequence, CASE WHEN u.after_group >= first_group THEN u.after_sequence + 1 END
            INTO bad_group, bad_code, bad_subject, bad_given, bad_expected
            FROM unnest(d.grp, d.stream, d.sequence, d.after_group, d.after_sequence)
                 AS u (grp, stream, sequence, after_group, after_sequence)
            WHERE u.grp BETWEEN first_group AND last_group AND u.sequence IS DISTINCT FROM
                CASE WHEN u.after_group >= first_group THEN u.after_sequence + 1 ELSE coalesce(
                    (
                        SELECT x.sequence + 1 FROM ehcp.draft_event x
                        WHERE x.stream = u.stream AND x.sequence >= u.sequence - 1 ORDER BY x.sequence DESC LIMIT 1
                    ),
                    CASE WHEN u.sequence = 1 OR (u.sequence = 0 AND from_zero) THEN u.sequence END
                ) END
            LIMIT 1;
            IF bad_group IS NOT NULL AND bad_expected IS NULL THEN
                SELECT coalesce(max(x.sequence), 0) + 1 INTO bad_expected FROM ehcp.draft_event x WHERE x.stream = bad_subject;
            END IF;
        END IF;
        IF bad_group IS NULL AND r.grp IS NOT NULL THEN
            SELECT u.grp, 'repeat', u.request INTO bad_group, bad_code, bad_subject
            FROM unnest(r.grp, r.request, r.after_group) AS u (grp, request, after_group)
            WHERE u.grp BETWEEN first_group AND last_group AND (
                u.after_group >= first_group OR EXISTS (SELECT FROM ehcp.request x WHERE x.request = u.request)
            ) LIMIT 1;
        END IF;
        IF bad_group IS NULL AND g.after_group IS NOT NULL THEN
            -- A plan that two groups change is no reason to refuse either: they are looked at one by one.
            SELECT u.grp, 'together', u.plan INTO bad_group, bad_code, bad_subject
            FROM unnest(g.grp, g.plan, g.after_group) AS u (grp, plan, after_group)
            WHERE u.grp BETWEEN first_group AND last_group AND u.after_group >= first_group LIMIT 1;
        END IF;
        IF bad_group IS NULL AND m.grp IS NOT NULL THEN
            SELECT named.grp, 'reference', coalesce(holder.plan, named.rival) INTO bad_group, bad_code, bad_subject
            FROM (
                SELECT u.*, nullif(lag(u.plan, 1, u.plan) OVER (PARTITION BY u.council, u.blinded), u.plan) AS rival
                FROM unnest(m.grp, m.plan, m.kind, m.council, m.blinded) AS u (grp, plan, kind, council, blinded)
                WHERE u.kind = 'localReference' AND u.grp BETWEEN first_group AND last_group
            ) named
            LEFT JOIN ehcp.plan_match holder
              ON holder.kind = 'localReference' AND holder.council = named.council AND holder.blinded = named.blinded
             AND NOT EXISTS (
                 SELECT FROM unnest(n.grp, n.plan) AS x (grp, plan) WHERE x.grp = named.grp AND x.plan = holder.plan
             )
            WHERE holder.plan IS NOT NULL OR named.rival IS NOT NULL LIMIT 1;
        END IF;

        IF bad_group IS NOT NULL THEN
            IF first_group < last_group THEN
                last_group := greatest(first_group, bad_group - 1);
            ELSE
                refused := coalesce(refused, '[]') || jsonb_build_array(
                    jsonb_build_array(bad_group, bad_code, encode(bad_subject, 'hex'), bad_given, bad_expected)
                );
                -- The positions of what is refused go to what follows it.
                SELECT plan_base - count(*) INTO plan_base FROM unnest(p.grp) AS u (grp) WHERE u.grp = bad_group;
                SELECT draft_base - count(*) INTO draft_base FROM unnest(d.grp) AS u (grp) WHERE u.grp = bad_group;
                EXIT WHEN last_group = group_count;
                first_group := first_group + 1;
                span := greatest(span / 4, 1);
                last_group := least(first_group + span - 1, group_count);
            END IF;
            bad_group := NULL;
            bad_given := NULL;
            bad_expected := NULL;
            CONTINUE;
        END IF;

        IF p.grp IS NOT NULL THEN
            INSERT INTO ehcp.plan_event
            SELECT plan_base + u.ord, u.stream, u.sequence, u.type, plan_time, u.state
            FROM unnest(p.grp, p.stream, p.sequence, p.type, p.state)
                 WITH ORDINALITY AS u (grp, stream, sequence, type, state, ord)
            WHERE u.grp BETWEEN first_group AND last_group;
        END IF;
        IF d.grp IS NOT NULL THEN
            INSERT INTO ehcp.draft_event
            SELECT draft_base + u.ord, u.stream, u.sequence, u.type, draft_time, u.state
            FROM unnest(d.grp, d.stream, d.sequence, d.type, d.state)
                 WITH ORDINALITY AS u (grp, stream, sequence, type, state, ord)
            WHERE u.grp BETWEEN first_group AND last_group;
        END IF;
        IF c.grp IS NOT NULL THEN
            INSERT INTO ehcp_keys.child_key
            SELECT u.plan, u.council, u.key_id, u.wrapped, u.root
            FROM unnest(c.grp, c.plan, c.council, c.key_id, c.wrapped, c.root)
                 AS u (grp, plan, council, key_id, wrapped, root)
            WHERE u.grp BETWEEN first_group AND last_group
            ON CONFLICT DO NOTHING;
        END IF;
        IF r.grp IS NOT NULL THEN
            INSERT INTO ehcp.request
            SELECT u.request, u.body, u.plan, u.written, moment
            FROM unnest(r.grp, r.request, r.body, r.plan, r.written) AS u (grp, request, body, plan, written)
            WHERE u.grp BETWEEN first_group AND last_group;
        END IF;
        IF n.grp IS NOT NULL THEN
            -- Of identifiers that are said anew most are what they were: those aren't written again.
            DELETE FROM ehcp.plan_match x USING unnest(n.grp, n.plan) AS u (grp, plan)
            WHERE x.plan = u.plan AND u.grp BETWEEN first_group AND last_group AND NOT EXISTS (
                SELECT FROM unnest(m.grp, m.plan, m.kind, m.council, m.blinded) AS y (grp, plan, kind, council, blinded)
                WHERE y.grp = u.grp AND y.plan = x.plan AND y.kind = x.kind AND y.council = x.council AND y.blinded = x.blinded
            );
        END IF;
        IF g.grp IS NOT NULL THEN
            INSERT INTO ehcp.plan_register
            SELECT u.plan, u.council, u.phase, u.version, plan_base + u.at, plan_base + u.at, u.retired
            FROM unnest(g.grp, g.plan, g.council, g.phase, g.version, g.retired, g.at)
                 AS u (grp, plan, council, phase, version, retired, at)
            WHERE u.grp BETWEEN first_group AND last_group
            ON CONFLICT (plan) DO UPDATE SET council = excluded.council, phase = excluded.phase, version = excluded.version,
                updated_position = excluded.updated_position, retired_into = excluded.retired_into;
        END IF;
        IF m.grp IS NOT NULL THEN
            INSERT INTO ehcp.plan_match
            SELECT u.kind, u.council, u.blinded, u.plan
            FROM unnest(m.grp, m.plan, m.kind, m.council, m.blinded) AS u (grp, plan, kind, council, blinded)
            WHERE u.grp BETWEEN first_group AND last_group
            ON CONFLICT (kind, council, blinded, plan) DO NOTHING;
        END IF;
        IF s.grp IS NOT NULL THEN
            INSERT INTO ehcp.plan_stream
            SELECT u.plan, u.log, CASE u.log WHEN 'draft' THEN draft_base ELSE plan_base END + u.at, u.stream
            FROM unnest(s.grp, s.plan, s.log, s.stream, s.at) AS u (grp, plan, log, stream, at)
            WHERE u.grp BETWEEN first_group AND last_group;
        END IF;
        EXIT WHEN last_group = group_count;
        first_group := last_group + 1;
        span := least(span * 4, group_count);
        last_group := least(first_group + span - 1, group_count);
    END LOOP;
    COMMIT;
END $$;

-- As 0006 has it, but for keys. The states that it reports: 23E01 a key was destroyed, 23E02 another one is in use.
CREATE PROCEDURE ehcp.append_disclosures(
    e_stream bytea[], e_type text[], e_state bytea[], k_plan bytea[], k_root bigint[],
    c_plan bytea[], c_council text[], c_key_id text[], c_wrapped bytea[], c_root bigint[], moment bigint,
    INOUT head bigint, INOUT head_time bigint
)
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(ehcp.order_lock() + 3);
    SELECT e.position, e.time INTO head, head_time FROM ehcp.disclosure_event e ORDER BY e.position DESC LIMIT 1;
    head := coalesce(head, 0);
    head_time := greatest(
        coalesce(moment, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint), coalesce(head_time, 0)
    );
    IF cardinality(c_plan) > 0 THEN
        IF EXISTS (SELECT FROM ehcp.erasure e WHERE e.plan = ANY (c_plan) AND e.sequence IS NULL) THEN
            RAISE EXCEPTION 'a key was destroyed' USING ERRCODE = '23E01';
        END IF;
        INSERT INTO ehcp_keys.child_key
        SELECT u.plan, u.council, u.key_id, u.wrapped, u.root FROM unnest(c_plan, c_council, c_key_id, c_wrapped, c_root)
             AS u (plan, council, key_id, wrapped, root)
        ON CONFLICT DO NOTHING;
        IF EXISTS (
            SELECT FROM unnest(c_plan, c_wrapped) AS u (plan, wrapped)
            JOIN ehcp_keys.child_key kept ON kept.plan = u.plan AND kept.wrapped <> u.wrapped
        ) THEN
            RAISE EXCEPTION 'another key is kept' USING ERRCODE = '23E02';
        END IF;
    END IF;
    IF EXISTS (
        SELECT FROM unnest(k_plan) AS u (plan)
        WHERE NOT EXISTS (SELECT FROM ehcp_keys.child_key c WHERE c.plan = u.plan)
    ) THEN
        RAISE EXCEPTION 'a key was destroyed' USING ERRCODE = '23E01';
    END IF;
    -- A root that was replaced would make unreadable what is written under it now.
    IF EXISTS (
        SELECT FROM unnest(k_plan, k_root) AS u (plan, root)
        JOIN ehcp_keys.child_key c ON c.plan = u.plan AND c.root IS DISTINCT FROM u.root
    ) THEN
        RAISE EXCEPTION 'another root is in use' USING ERRCODE = '23E02';
    END IF;
    INSERT INTO ehcp.disclosure_event
    SELECT head + u.ord, u.stream, 1, u.type, head_time, u.state
    FROM unnest(e_stream, e_type, e_state) WITH ORDINALITY AS u (stream, type, state, ord);
    INSERT INTO ehcp.plan_stream
    SELECT u.plan, 'disclosure', head + u.ord, u.stream
    FROM unnest(k_plan, e_stream) WITH ORDINALITY AS u (plan, stream, ord);
    head := head + cardinality(e_stream);
    COMMIT;
END $$;

-- A child's key with a new root in the place of the old one, with the keys of its events up to these heads as rows, without
-- those of the events destroyed, nor of the plan's snapshots. Under the locks of all appends, in one commit, and not at all
-- (done is false) where the child's row was changed, or another event of the child was appended, since they were looked at.
CREATE PROCEDURE ehcp.replace_root(
    child bytea, old_wrapped bytea, new_key_id text, new_wrapped bytea, new_root bigint, new_rows_upto text,
    plan_head bigint, draft_head bigint, disclosure_head bigint,
    k_stream bytea[], k_sequence bigint[], k_event bytea[], k_wrapped bytea[],
    gone_stream bytea[], gone_sequence bigint[],
    INOUT done boolean
)
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(ehcp.order_lock());
    PERFORM pg_advisory_xact_lock(ehcp.order_lock() + 3);
    done := NOT EXISTS (SELECT FROM ehcp.plan_event e WHERE e.stream = child AND e.position > plan_head)
        AND NOT EXISTS (
            SELECT FROM ehcp.plan_stream s JOIN ehcp.draft_event e ON e.stream = s.stream
            WHERE s.plan = child AND s.log = 'draft' AND e.position > draft_head
        )
        AND NOT EXISTS (
            SELECT FROM ehcp.plan_stream s
            WHERE s.plan = child AND s.log = 'disclosure' AND s.opened_position > disclosure_head
        );
    IF done THEN
        UPDATE ehcp_keys.child_key
        SET key_id = new_key_id, wrapped = new_wrapped, root = new_root, rows_upto = new_rows_upto
        WHERE plan = child AND wrapped = old_wrapped;
        done := FOUND;
    END IF;
    IF done THEN
        INSERT INTO ehcp_keys.event_key
        SELECT u.stream, u.sequence, u.event, child, u.wrapped
        FROM unnest(k_stream, k_sequence, k_event, k_wrapped) AS u (stream, sequence, event, wrapped)
        ON CONFLICT DO NOTHING;
        DELETE FROM ehcp_keys.event_key k USING unnest(gone_stream, gone_sequence) AS u (stream, sequence)
        WHERE k.stream = u.stream AND k.sequence = u.sequence;
        IF cardinality(gone_stream) > 0 THEN
            DELETE FROM ehcp_keys.snapshot_key WHERE plan = child;
        END IF;
    END IF;
    COMMIT;
END $$;
