-- The append again, with less work for the same promises. Nothing is sorted; what the writer can tell of a batch by itself
-- (which event follows which, which row belongs to which event) comes along with it; kinds of rows that don't occur cost
-- nothing; and there are few expressions, since each is made ready anew in every transaction.
--
-- The whole batch is one statement, committed before its answer is sent, so that the order lock is never held while a client
-- thinks: not even while the last bytes of its message are on their way, which a function would wait for. Every group is taken
-- whole or refused whole, as if they came one by one, in order. Groups that don't get in each other's way are written
-- together; one that might is looked at by itself, after those before it are written.

DROP PROCEDURE ehcp.append;
DROP FUNCTION ehcp.write_groups;
DROP FUNCTION ehcp.refusal_of;
DROP TYPE ehcp.refusal;
DROP TYPE ehcp.batch;

-- The rows of a batch as parallel arrays, each row with the number of its group, 1 to n. `after_group`: the group before that
-- names the same stream, request or plan, 0 where there is none; null instead of the array where no two name the same.
CREATE TYPE ehcp.batch_events AS (
    grp bigint[], stream bytea[], sequence bigint[], type text[], state bytea[], after_group bigint[], after_sequence bigint[]
);
CREATE TYPE ehcp.batch_event_keys AS (
    grp bigint[], stream bytea[], sequence bigint[], event bytea[], plan bytea[], wrapped bytea[]
);
CREATE TYPE ehcp.batch_child_keys AS (grp bigint[], plan bytea[], council text[], key_id text[], wrapped bytea[]);
CREATE TYPE ehcp.batch_requests AS (
    grp bigint[], request bytea[], body bytea[], plan bytea[], written text[], after_group bigint[]
);
-- `at`: the number of the row's event among the batch's events of its log.
CREATE TYPE ehcp.batch_register AS (
    grp bigint[], plan bytea[], council text[], phase text[], version bigint[], retired bytea[], at bigint[],
    after_group bigint[]
);
-- Plans whose identifiers are said anew, and these identifiers.
CREATE TYPE ehcp.batch_renamed AS (grp bigint[], plan bytea[]);
CREATE TYPE ehcp.batch_identifiers AS (grp bigint[], plan bytea[], kind text[], council text[], blinded bytea[]);
-- Streams of other logs that a batch opens.
CREATE TYPE ehcp.batch_streams AS (grp bigint[], plan bytea[], log text[], stream bytea[], at bigint[]);

-- p: events of the plan log, d: of the draft log, k: their keys, c: keys of children that are new, r: requests, g: rows of the
-- register, n and m: identifiers, s: streams. Gives back `heads`: the last position before the batch and the time of
-- recording (the server's moment unless the batch brings one; never before an earlier one) of the plan log and the draft log;
-- `refused`: [group, code, subject in hex, given, expected] of each refusal, the subject a stream or a plan, the others
-- sequences.
CREATE PROCEDURE ehcp.append(
    group_count bigint,
    p ehcp.batch_events, d ehcp.batch_events, k ehcp.batch_event_keys, c ehcp.batch_child_keys, r ehcp.batch_requests,
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
        IF bad_group IS NULL AND k.grp IS NOT NULL THEN
            -- By a window over both: looking each event's child up among the new ones takes the square of their number.
            SELECT u.grp, 'destroyed', u.plan INTO bad_group, bad_code, bad_subject
            FROM (
                SELECT y.*, min(y.brought) OVER (PARTITION BY y.plan) AS since
                FROM (
                    SELECT x.grp, x.plan, NULL::bigint AS brought FROM unnest(k.grp, k.plan) AS x (grp, plan)
                    WHERE x.grp BETWEEN first_group AND last_group
                    UNION ALL
                    SELECT x.grp, x.plan, x.grp FROM unnest(c.grp, c.plan) AS x (grp, plan)
                    WHERE x.grp BETWEEN first_group AND last_group
                ) y
            ) u
            WHERE u.brought IS NULL AND coalesce(u.since > u.grp, true)
              AND NOT EXISTS (SELECT FROM ehcp_keys.child_key x WHERE x.plan = u.plan) LIMIT 1;
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
            SELECT u.plan, u.council, u.key_id, u.wrapped
            FROM unnest(c.grp, c.plan, c.council, c.key_id, c.wrapped) AS u (grp, plan, council, key_id, wrapped)
            WHERE u.grp BETWEEN first_group AND last_group
            ON CONFLICT DO NOTHING;
        END IF;
        IF k.grp IS NOT NULL THEN
            INSERT INTO ehcp_keys.event_key
            SELECT u.stream, u.sequence, u.event, u.plan, u.wrapped
            FROM unnest(k.grp, k.stream, k.sequence, k.event, k.plan, k.wrapped)
                 AS u (grp, stream, sequence, event, plan, wrapped)
            WHERE u.grp BETWEEN first_group AND last_group;
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
