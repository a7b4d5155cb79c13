"""Commands that only whoever runs the platform gives: they work on the record itself, never through the API.

They change who may sign in, and what wraps the keys. No token opens that door: it takes the files or the database,
and the keyring.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from services.bootstrap import NOT_FIT, Platform, open_platform
from services.cli.account import account
from services.cli.session import load_settings
from services.cli.talk import MISUSE, REFUSED, stop
from services.store.errors import StoreOwnedElsewhere, WritesRefused
from services.store.keyring import OPERATOR, KeyedHash


@contextmanager
def own_record() -> Iterator[Platform]:
    """The platform, opened by this process. Ends the command where a server has the embedded record."""
    try:
        platform = open_platform(load_settings())
    except StoreOwnedElsewhere:
        stop("A server has the embedded record: stop it for this command (with PostgreSQL it may run on).", REFUSED)
    except NOT_FIT as error:
        stop(str(error), MISUSE)
    try:
        yield platform
    except WritesRefused as error:
        stop(f"{error}. Nothing is recorded; see docs/how-to/audit-the-log.md.")
    finally:
        platform.close()


def operator_id(keyring: KeyedHash) -> str:
    """Who gives the command, as an id that says nothing to whoever reads the log and stays the same for one person."""
    return f"operator:{keyring.keyed_hash(OPERATOR, 'operator', account())[:8].hex()}"
