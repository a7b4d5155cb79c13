-- The retention log, in the clear and only growing: certificates of what was destroyed, and no word of a child.

CREATE TABLE ehcp.retention_event (LIKE ehcp.directory_event INCLUDING ALL);
ALTER TABLE ehcp.retention_event ALTER COLUMN state SET STORAGE EXTENDED;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ehcp.retention_event
    FOR EACH STATEMENT EXECUTE FUNCTION ehcp.refuse_change();
ALTER TABLE ehcp.retention_event ENABLE ALWAYS TRIGGER append_only;

-- The append is the directory's, on this table and under a lock of its own.
DO $$
DECLARE
    definition text := pg_get_functiondef('ehcp.append_directory'::regproc);
BEGIN
    definition := replace(definition, 'order_lock() + 2', 'order_lock() + 7');
    EXECUTE replace(definition, 'directory', 'retention');
END $$;

GRANT SELECT, INSERT ON ehcp.retention_event TO ehcp_app;
