-- Which index keys count. A hash of 32 bytes was made with the first, one of 34 names its key in the last two.

CREATE TABLE ehcp.index_key (
    number bigint PRIMARY KEY CHECK (number BETWEEN 1 AND 65535),
    adopted bigint NOT NULL,
    retired bigint
);
INSERT INTO ehcp.index_key VALUES (1, 0, NULL);

CREATE TABLE ehcp.family_link_person (
    person bytea NOT NULL,
    plan bytea NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (person, plan)
);
CREATE INDEX family_link_person_plan ON ehcp.family_link_person (plan);

CREATE FUNCTION ehcp.mark_of(number bigint) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN number = 1 THEN ''::bytea ELSE substr(int4send(number::integer), 3) END
$$;

-- Hashes are added beside those that are there, in the order of appends: for plans to which nothing has happened since.
CREATE FUNCTION ehcp.add_identifiers(
    plans bytea[], sequences bigint[], m_plan bytea[], m_kind text[], m_council text[], m_blinded bytea[]
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(ehcp.order_lock());
    INSERT INTO ehcp.plan_match
    SELECT m.kind, m.council, m.blinded, m.plan
    FROM unnest(m_plan, m_kind, m_council, m_blinded) AS m (plan, kind, council, blinded)
    JOIN unnest(plans, sequences) AS u (plan, sequence) ON u.plan = m.plan
    WHERE u.sequence = (SELECT max(e.sequence) FROM ehcp.plan_event e WHERE e.stream = u.plan)
    ON CONFLICT DO NOTHING;
END $$;

-- A process that has not heard of a change of the keys yet is refused: it looks again, and comes back with every hash.
CREATE FUNCTION ehcp.refuse_unknowing() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    newest bytea;
    missing boolean;
BEGIN
    SELECT ehcp.mark_of(max(k.number)) INTO newest FROM ehcp.index_key k;
    IF newest = '' THEN
        RETURN NULL;
    END IF;
    IF TG_TABLE_NAME = 'plan_match' THEN
        SELECT EXISTS (
            SELECT FROM added a WHERE NOT EXISTS (
                SELECT FROM ehcp.plan_match m WHERE m.plan = a.plan AND substr(m.blinded, 33) = newest
            )
        ) OR EXISTS (
            SELECT FROM added a JOIN ehcp.index_key k ON substr(a.blinded, 33) = ehcp.mark_of(k.number)
            WHERE k.retired IS NOT NULL
        ) INTO missing;
    ELSE
        SELECT EXISTS (
            SELECT FROM added a WHERE NOT EXISTS (
                SELECT FROM added n
                WHERE n.plan = a.plan AND n.body = a.body AND n.written = a.written AND substr(n.request, 33) = newest
            )
        ) OR EXISTS (
            SELECT FROM added a JOIN ehcp.index_key k ON substr(a.request, 33) = ehcp.mark_of(k.number)
            WHERE k.retired IS NOT NULL
        ) INTO missing;
    END IF;
    IF missing THEN
        RAISE EXCEPTION 'a hash was not made with the index keys that count' USING ERRCODE = 'EH001';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER knows_the_index_keys AFTER INSERT ON ehcp.plan_match
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ehcp.refuse_unknowing();
CREATE TRIGGER knows_the_index_keys AFTER INSERT ON ehcp.request
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ehcp.refuse_unknowing();

GRANT SELECT, INSERT, UPDATE ON ehcp.index_key TO ehcp_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ehcp.family_link_person TO ehcp_app;
