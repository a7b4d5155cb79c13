-- The directory's log, in the clear and only growing; and keys that wrap nothing any more.

CREATE TABLE ehcp.directory_event (LIKE ehcp.plan_event INCLUDING ALL);
-- Other than in the sealed logs, this can be compressed.
ALTER TABLE ehcp.directory_event ALTER COLUMN state SET STORAGE EXTENDED;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ehcp.directory_event
    FOR EACH STATEMENT EXECUTE FUNCTION ehcp.refuse_change();
ALTER TABLE ehcp.directory_event ENABLE ALWAYS TRIGGER append_only;

-- The append to the directory: as ehcp.append, with groups of events alone and under a lock of its own.
CREATE PROCEDURE ehcp.append_directory(
    groups bigint, e_group bigint[], e_stream bytea[], e_sequence bigint[], e_type text[], e_state bytea[], moment bigint,
    INOUT head bigint, INOUT head_time bigint,
    INOUT grp bigint[], INOUT code text[], INOUT subject bytea[], INOUT given bigint[], INOUT expected bigint[]
)
LANGUAGE plpgsql AS $$
DECLARE
    one record;
BEGIN
    PERFORM pg_advisory_xact_lock(ehcp.order_lock() + 2);
    moment := coalesce(moment, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint);
    SELECT e.position, e.time INTO head, head_time FROM ehcp.directory_event e ORDER BY e.position DESC LIMIT 1;
    head := coalesce(head, 0);
    head_time := greatest(moment, coalesce(head_time, 0));
    FOR number IN 1 .. groups LOOP
        SELECT n.stream, n.sequence, coalesce(tail.sequence, 0) + n.nth AS expected INTO one FROM (
            SELECT u.*, row_number() OVER (PARTITION BY u.stream ORDER BY u.ord) AS nth
            FROM unnest(e_group, e_stream, e_sequence) WITH ORDINALITY AS u (grp, stream, sequence, ord)
            WHERE u.grp = number
        ) n LEFT JOIN LATERAL (
            SELECT x.sequence FROM ehcp.directory_event x WHERE x.stream = n.stream ORDER BY x.sequence DESC LIMIT 1
        ) tail ON true
        WHERE n.sequence <> coalesce(tail.sequence, 0) + n.nth ORDER BY n.ord LIMIT 1;
        IF FOUND THEN
            grp := grp || number;
            code := code || 'sequence'::text;
            subject := subject || one.stream;
            given := given || one.sequence;
            expected := expected || one.expected;
        ELSE
            INSERT INTO ehcp.directory_event
            SELECT head + row_number() OVER (ORDER BY u.ord), u.stream, u.sequence, u.type, head_time, u.state
            FROM unnest(e_group, e_stream, e_sequence, e_type, e_state)
                 WITH ORDINALITY AS u (grp, stream, sequence, type, state, ord)
            WHERE u.grp = number;
            SELECT max(e.position) INTO head FROM ehcp.directory_event e;
            head := coalesce(head, 0);
        END IF;
    END LOOP;
    COMMIT;
END $$;

GRANT SELECT, INSERT ON ehcp.directory_event TO ehcp_app;

-- Council keys that are being destroyed: from the moment that one stands here, nothing more is wrapped with it.
CREATE TABLE ehcp_keys.retired_key (
    key_id text PRIMARY KEY
);

CREATE FUNCTION ehcp_keys.refuse_retired() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM ehcp_keys.retired_key r WHERE r.key_id = NEW.key_id) THEN
        RAISE EXCEPTION 'the council key is retired' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER not_retired BEFORE INSERT OR UPDATE OF key_id ON ehcp_keys.child_key
    FOR EACH ROW EXECUTE FUNCTION ehcp_keys.refuse_retired();

-- Whoever is wrapping with it at this moment is waited for, and then seen; whoever begins later sees that it is retired.
CREATE FUNCTION ehcp_keys.wait_for_writers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    LOCK TABLE ehcp_keys.child_key IN SHARE MODE;
    RETURN NULL;
END $$;

CREATE TRIGGER wait_for_writers BEFORE INSERT ON ehcp_keys.retired_key
    FOR EACH STATEMENT EXECUTE FUNCTION ehcp_keys.wait_for_writers();

GRANT SELECT, INSERT ON ehcp_keys.retired_key TO ehcp_app;
