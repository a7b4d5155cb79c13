-- The disclosure log: who was shown what. Sealed and only growing like the record, and with positions of its own.

CREATE TABLE ehcp.disclosure_event (LIKE ehcp.plan_event INCLUDING ALL);
ALTER TABLE ehcp.disclosure_event ALTER COLUMN state SET STORAGE EXTERNAL;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ehcp.disclosure_event
    FOR EACH STATEMENT EXECUTE FUNCTION ehcp.refuse_change();
ALTER TABLE ehcp.disclosure_event ENABLE ALWAYS TRIGGER append_only;

-- The append of the entries of all waiting readers, in one commit and under a lock of its own: a read never waits for an
-- act, nor an act for a read. Every entry is the only event of a new stream, so that no two of them can be in each
-- other's way; what is wrong with one all the same fails the call, and the caller sends each entry by itself.
CREATE PROCEDURE ehcp.append_disclosures(
    e_stream bytea[], e_type text[], e_state bytea[], k_event bytea[], k_plan bytea[], k_wrapped bytea[],
    c_plan bytea[], c_council text[], c_key_id text[], c_wrapped bytea[], moment bigint,
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
            RAISE EXCEPTION 'a key was destroyed' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        INSERT INTO ehcp_keys.child_key
        SELECT u.plan, u.council, u.key_id, u.wrapped FROM unnest(c_plan, c_council, c_key_id, c_wrapped)
             AS u (plan, council, key_id, wrapped)
        ON CONFLICT DO NOTHING;
        IF EXISTS (
            SELECT FROM unnest(c_plan, c_wrapped) AS u (plan, wrapped)
            JOIN ehcp_keys.child_key kept ON kept.plan = u.plan AND kept.wrapped <> u.wrapped
        ) THEN
            RAISE EXCEPTION 'another key is kept' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    END IF;
    IF EXISTS (
        SELECT FROM unnest(k_plan) AS u (plan)
        WHERE NOT EXISTS (SELECT FROM ehcp_keys.child_key c WHERE c.plan = u.plan)
    ) THEN
        RAISE EXCEPTION 'a key was destroyed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    INSERT INTO ehcp.disclosure_event
    SELECT head + u.ord, u.stream, 1, u.type, head_time, u.state
    FROM unnest(e_stream, e_type, e_state) WITH ORDINALITY AS u (stream, type, state, ord);
    INSERT INTO ehcp_keys.event_key
    SELECT u.stream, 1, u.event, u.plan, u.wrapped FROM unnest(e_stream, k_event, k_plan, k_wrapped)
         AS u (stream, event, plan, wrapped);
    INSERT INTO ehcp.plan_stream
    SELECT u.plan, 'disclosure', head + u.ord, u.stream
    FROM unnest(k_plan, e_stream) WITH ORDINALITY AS u (plan, stream, ord);
    head := head + cardinality(e_stream);
    COMMIT;
END $$;

GRANT SELECT, INSERT ON ehcp.disclosure_event TO ehcp_app;
