-- Which edition of which rules counts from which day on: a log in the clear, and what the editions say.

CREATE TABLE ehcp.adoption_event (LIKE ehcp.directory_event INCLUDING ALL);
ALTER TABLE ehcp.adoption_event ALTER COLUMN state SET STORAGE EXTENDED;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ehcp.adoption_event
    FOR EACH STATEMENT EXECUTE FUNCTION ehcp.refuse_change();
ALTER TABLE ehcp.adoption_event ENABLE ALWAYS TRIGGER append_only;

-- The append is the directory's, on this table and under a lock of its own.
DO $$
DECLARE
    definition text := pg_get_functiondef('ehcp.append_directory'::regproc);
BEGIN
    definition := replace(definition, 'order_lock() + 2', 'order_lock() + 12');
    EXECUTE replace(definition, 'directory', 'adoption');
END $$;

GRANT SELECT, INSERT ON ehcp.adoption_event TO ehcp_app;

-- What an adopted edition says, by the SHA-256 of its canonical JSON.
CREATE TABLE ehcp.rules_content (
    sha256 bytea PRIMARY KEY CHECK (length(sha256) = 32),
    content bytea NOT NULL
);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ehcp.rules_content
    FOR EACH STATEMENT EXECUTE FUNCTION ehcp.refuse_change();
ALTER TABLE ehcp.rules_content ENABLE ALWAYS TRIGGER append_only;

GRANT SELECT, INSERT ON ehcp.rules_content TO ehcp_app;
