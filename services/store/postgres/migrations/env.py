"""How alembic runs our migrations: on the connection that `migrate` hands over, one process at a time."""

from alembic import context
from sqlalchemy import Connection, text

VERSION_TABLE = "alembic_version"


def _run() -> None:
    connection: Connection = context.config.attributes["connection"]
    connection.execute(text("SELECT pg_advisory_xact_lock(4848454351)"))
    connection.execute(text("CREATE SCHEMA IF NOT EXISTS ehcp"))
    context.configure(connection=connection, version_table=VERSION_TABLE, version_table_schema="ehcp")
    with context.begin_transaction():
        context.run_migrations()


_run()
