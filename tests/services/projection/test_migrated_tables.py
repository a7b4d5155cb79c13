"""The tables that a migration makes are the ones that the read models are written for."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, create_engine
from sqlalchemy.engine import make_url

from services.projection.tables import metadata

SCHEMA = "ehcp_views"


def test_the_migrated_tables_are_those_of_the_code(migrated: str) -> None:
    in_schema = MetaData()
    for table in metadata.sorted_tables:
        table.to_metadata(in_schema, schema=SCHEMA)
    engine = create_engine(make_url(migrated).set(drivername="postgresql+psycopg"))
    options = {
        "include_schemas": True,
        "include_name": lambda name, kind, _parents: kind != "schema" or name == SCHEMA,
        "compare_type": True,
    }
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, in_schema) == []
    engine.dispose()
