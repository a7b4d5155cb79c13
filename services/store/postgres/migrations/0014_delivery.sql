-- The log of deliveries, in the clear and only growing: what became of messages in MESH; and the view folded from it.

CREATE TABLE ehcp.delivery_event (LIKE ehcp.directory_event INCLUDING ALL);
ALTER TABLE ehcp.delivery_event ALTER COLUMN state SET STORAGE EXTENDED;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ehcp.delivery_event
    FOR EACH STATEMENT EXECUTE FUNCTION ehcp.refuse_change();
ALTER TABLE ehcp.delivery_event ENABLE ALWAYS TRIGGER append_only;

-- The append is the directory's, on this table and under a lock of its own.
DO $$
DECLARE
    definition text := pg_get_functiondef('ehcp.append_directory'::regproc);
BEGIN
    definition := replace(definition, 'order_lock() + 2', 'order_lock() + 11');
    EXECUTE replace(definition, 'directory', 'delivery');
END $$;

CREATE TABLE ehcp.mesh_message (
    message VARCHAR(80) NOT NULL,
    kind VARCHAR(20) NOT NULL,
    subscription UUID NOT NULL,
    number BIGINT NOT NULL,
    code VARCHAR(20) NOT NULL,
    at BIGINT NOT NULL,
    position BIGINT NOT NULL UNIQUE,
    PRIMARY KEY (message, kind)
);
CREATE INDEX mesh_message_subscription ON ehcp.mesh_message (subscription, kind);

GRANT SELECT, INSERT ON ehcp.delivery_event, ehcp.mesh_message TO ehcp_app;

-- What it holds becomes events at the next start (services/signals/moving_messages.py); nothing is added to it any more.
REVOKE INSERT ON ehcp.mesh_event FROM ehcp_app;
