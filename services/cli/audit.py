"""`ehcp audit`: what was signed of the logs."""

import sqlite3
from base64 import b64encode
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from connectors.identity.tokens import Principal
from services.bootstrap import NOT_FIT
from services.cli.own_record import operator_id
from services.cli.session import load_settings, session
from services.cli.talk import MISUSE, result, say, stop
from services.keyrings import open_keyring
from services.notary.database import CheckpointDatabase
from services.notary.keeping import newest
from services.notary.standing import LogDiffers, recomputed
from services.notary.wiring import checkpoint_keys, where_embedded
from services.record_at_rest import logs_at_rest
from services.store.errors import StoreError


class Log(StrEnum):
    """A log that has checkpoints."""

    PLAN = "plan"
    DISCLOSURE = "disclosure"


AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def checkpoint(
    log: Annotated[Log, typer.Option(help="The log of plans, or that of who was shown what.")] = Log.PLAN,
    json: AsJson = False,
) -> None:
    """Print the newest signed checkpoint of a log: a note that anybody can verify, and hold the log to later."""
    with session(_auditor()) as place:
        found = place.get("/v1/audit/checkpoint", log=log.value)
    if json:
        result(found)
    elif not found["size"]:
        say(f"Nothing was signed of the {log.value} log yet: `ehcp work notary` does it, and so does a server.")
    else:
        typer.echo(found["note"], nl=False)


def check(
    log: Annotated[Log, typer.Option(help="The log of plans, or that of who was shown what.")] = Log.PLAN,
    json: AsJson = False,
) -> None:
    """Read the whole log and compute its root anew: is it what the newest checkpoint states? A server may run on."""
    settings = load_settings()
    where = settings.database_url if settings.on_postgresql else where_embedded(settings)
    if isinstance(where, Path) and not where.exists():
        stop("Nothing was signed yet: `ehcp work notary` does it, and so does a server.")
    database = CheckpointDatabase(where)
    try:
        with database.reading() as connection:
            signed = newest(connection, log.value)
        if signed is None:
            stop(f"Nothing was signed of the {log.value} log yet.")
        with logs_at_rest(settings) as logs:
            root = recomputed(logs, log.value, signed.size)
    except (LogDiffers, StoreError, sqlite3.Error, SQLAlchemyError) as error:
        stop(str(error) if isinstance(error, LogDiffers | StoreError) else type(error).__name__)
    finally:
        database.close()
    same = root == signed.root
    if json:
        result({"log": log.value, "size": signed.size, "root": b64encode(root).decode(), "asSigned": same})
    if not same:
        stop(f"The {log.value} log of {signed.size} entries isn't the one that was signed: an entry was changed.")
    say(f"The {log.value} log of {signed.size:,} entries has the root that was signed.")


def rotate_key() -> None:
    """Make a new key that signs checkpoints. The one before is destroyed; what it has signed stays verifiable."""
    settings = load_settings()
    try:
        with closing(checkpoint_keys(settings)) as keys:
            keys.rotate()
            number = len(keys.public_keys())
    except (StoreError, OSError, ValueError) as error:
        stop(str(error), MISUSE)
    say(f"Checkpoints are signed by key {number} from now on. Tell whoever verifies them.")


def _auditor() -> Principal:
    """Whoever is at the keyboard, as an auditor of the platform."""
    try:
        keyring = open_keyring(load_settings())
    except NOT_FIT as error:
        stop(str(error), MISUSE)
    subject = operator_id(keyring)
    keyring.close()
    return Principal(subject=subject, organisation="audit", role="auditor")
