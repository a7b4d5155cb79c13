"""Bringing a database to the form that this release needs. Forward only: a release never takes a table back."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import create_engine, make_url

from services.store.errors import UnknownStoreVersion
from services.store.postgres.database import PostgresDatabase

FOLDER: Final = Path(__file__).parent / "migrations"


def migrate(url: str, revision: str = "head") -> None:
    """Apply what is missing, as the owner of the tables; safe to repeat, and to run twice at once.

    `url` is postgresql://... of a role that may create schemas. Raises sqlalchemy.exc.OperationalError when the server
    can't be reached, UnknownStoreVersion when a later release has migrated the database.
    """
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    try:
        with engine.begin() as connection:
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
    except CommandError as error:
        if "Can't locate revision" not in str(error):
            raise
        raise UnknownStoreVersion(f"a later release has migrated this database: {error}") from None
    finally:
        engine.dispose()


def newest() -> str:
    """The revision that this release works with."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def require_current(database: PostgresDatabase) -> None:
    """Raises UnknownStoreVersion, saying what to do, unless the tables are those of this release."""
    with database.reader() as connection:
        known = connection.execute("SELECT to_regclass('ehcp.alembic_version') IS NOT NULL").fetchone()[0]
        row = connection.execute("SELECT version_num FROM ehcp.alembic_version").fetchone() if known else None
    found, wanted = row[0] if row else "none", newest()
    if found != wanted:
        raise UnknownStoreVersion(f"the database has revision {found}, this release needs {wanted}: run `ehcp migrate`")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    return config
