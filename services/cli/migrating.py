"""`ehcp migrate`: bring a PostgreSQL database to the form that this release needs."""

from typing import Annotated

import typer
from sqlalchemy.exc import DBAPIError

from services.cli.session import load_settings
from services.cli.talk import MISUSE, result, say, stop
from services.store.errors import UnknownStoreVersion


def migrate(
    url: Annotated[
        str,
        typer.Option(
            envvar="EHCP_MIGRATION_URL",
            help="postgresql://... of the role that owns the tables; default: EHCP_DATABASE_URL.",
        ),
    ] = "",
    json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Create or update the tables of the record, forward only. Safe to repeat; an embedded record needs it never."""
    from services.store.postgres import migrating

    settings = load_settings()
    if not url and not settings.on_postgresql:
        stop("The record is a SQLite file: it needs no migration. EHCP_DATABASE_URL names a database.", MISUSE)
    try:
        migrating.migrate(url or settings.database_url)
    except DBAPIError as error:
        stop(f"The database could not be migrated: {str(error.orig).strip()}")
    except (UnknownStoreVersion, ValueError) as error:
        stop(f"The database could not be migrated: {error}.")
    if json:
        result({"revision": migrating.newest()})
    else:
        say(f"The database is at revision {migrating.newest()}.")
