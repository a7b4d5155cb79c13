"""`ehcp migrate`: bring a PostgreSQL database to the form that this release needs."""

from typing import Annotated

import typer
from sqlalchemy.exc import DBAPIError

from domain.calendar import london_date
from services.bootstrap import utc_now
from services.cli.session import load_settings
from services.cli.talk import MISUSE, result, say, stop
from services.errors import ConfigurationError
from services.rules.adopting import AdoptedRules
from services.rules.editions import shipped
from services.rules.first_start import adopt_first
from services.store.errors import StoreError, UnknownStoreVersion
from services.transport import require_sealed_database


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
    """Create or update the tables of the record, forward only. Safe to repeat; an embedded record needs it never.

    A new database adopts the rules of this release; later ones count once they are adopted (ehcp rules).
    """
    from services.store.postgres import migrating
    from services.store.postgres.adoption import adoption_log

    settings = load_settings()
    if not url and not settings.on_postgresql:
        stop("The record is a SQLite file: it needs no migration. EHCP_DATABASE_URL names a database.", MISUSE)
    try:
        require_sealed_database(settings, url or settings.database_url)
        migrating.migrate(url or settings.database_url)
        with adoption_log(url or settings.database_url, settings.source) as (log, contents):
            adopt_first(AdoptedRules(log, contents), shipped(), london_date(utc_now()).isoformat())
    except DBAPIError as error:
        stop(f"The database could not be migrated: {str(error.orig).strip()}")
    except (UnknownStoreVersion, ValueError) as error:
        stop(f"The database could not be migrated: {error}.")
    except (ConfigurationError, StoreError) as error:
        stop(f"The tables are there, and no rules were adopted: {error}")
    if json:
        result({"revision": migrating.newest()})
    else:
        say(f"The database is at revision {migrating.newest()}.")
