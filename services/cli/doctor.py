"""`ehcp doctor`: the settings in force, and whether this machine can keep the record."""

import re
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer
from msgspec import Struct
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError

from services.bootstrap import NOT_FIT
from services.cli.index_keys import index_keys_adopted
from services.cli.session import stated_settings
from services.cli.talk import REFUSED, console, result
from services.identity.wiring import client_registry, configured_issuers, require_proxies, token_checker
from services.keyrings import described, open_keyring
from services.log_forwarding import where_logs_go
from services.notary.database import CheckpointDatabase
from services.notary.keeping import newest
from services.notary.side_note import SideNotes
from services.notary.wiring import SIGNED_LOGS, differences, where_embedded
from services.outside import lags_of
from services.public_certificate import public_certificate
from services.record_at_rest import keys_at_rest, logs_at_rest, record_at_rest
from services.reference_data import ReferenceDataError
from services.rules.book import release_book
from services.rules.editions import shipped
from services.rules.first_start import not_adopted, require_unchanged
from services.rules.looking import adopted_in
from services.settings import Settings
from services.signals.database import SIGNALS_FILE, SignalDatabase
from services.signals.outbox import Outbox
from services.store.blind_index import key_name
from services.store.council_keys import require_held
from services.store.embedded import KEY_FILE, LOCK_FILE
from services.store.errors import StoreError
from services.store.index_keys import require_index_keys
from services.store.ownership import owner_of
from services.store.postgres.database import PostgresDatabase
from services.store.postgres.migrating import require_current
from services.store.values import PLAN_LOG
from services.transport import require_sealed_transport

#: Below this much free space, in bytes, an installation should be looked at (1 GiB).
LOW_DISK = 1024**3


class Finding(Struct, frozen=True, kw_only=True):
    """One thing that was looked at."""

    name: str
    good: bool
    says: str


def doctor(json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False) -> None:
    """List the settings (EHCP_...) and check keys, rules, disk and issuers."""
    settings = stated_settings()
    found = list(_findings(settings))
    stated = {f"EHCP_{name.upper()}": _shown(value) for name, value in settings.model_dump().items()}
    if json:
        result({"settings": stated, "findings": found})
    else:
        _print(settings, stated, found)
    if not all(finding.good for finding in found):
        raise typer.Exit(REFUSED)


def _findings(settings: Settings) -> Iterator[Finding]:
    yield Finding(name="Python", good=sys.version_info >= (3, 11), says=sys.version.split()[0])
    yield Finding(name="SQLite", good=sqlite3.sqlite_version_info >= (3, 37), says=sqlite3.sqlite_version)
    yield _checked("Rules", lambda: f"{len(release_book().catalogue.acts)} acts")
    yield _checked("Issuers", lambda: ", ".join(token_checker(settings, {}).issuers) or "none: nobody can sign in")
    yield _checked("Second factor", lambda: _second_factor(settings))
    yield _checked("Clients", lambda: _clients(settings))
    yield _checked("Trusted proxies", lambda: require_proxies(settings))
    yield _checked("Address", lambda: "{}, port {}".format(*settings.address))
    yield _checked("Log", lambda: where_logs_go(settings))
    yield _checked("Free disk", lambda: _disk(settings))
    transport = _checked("Transport", lambda: require_sealed_transport(settings))
    yield transport
    yield _checked("Certificate", lambda: public_certificate(settings))
    if transport.good:
        yield from _opened(settings)


def _opened(settings: Settings) -> Iterator[Finding]:
    """What is found by opening the record and by asking others: not before everything that leaves is sealed."""
    yield _checked("Record", lambda: _record(settings))
    yield _checked("Keyring", lambda: _keyring(settings))
    yield _checked("Adopted rules", lambda: _adopted_rules(settings))
    yield _checked("Index keys", lambda: _index_keys(settings))
    yield _checked("Checkpoints", lambda: _checkpoints(settings))
    yield _checked("Signals", lambda: _signals(settings))
    if settings.kafka_bootstrap:
        yield _checked("Kafka", lambda: _kafka(settings))
    if settings.kafka_bootstrap and settings.kafka_subscribers:
        yield _checked("Signals in Kafka", lambda: _signals_in_kafka(settings))
    if not settings.on_postgresql:
        yield _checked("In use", lambda: _owner(settings))


def _checked(name: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(name=name, good=True, says=look())
    except (*NOT_FIT, ReferenceDataError, StoreError, OSError, sqlite3.Error) as error:
        return Finding(name=name, good=False, says=str(error))


def _shown(value: Any) -> str:
    """A setting as it may be printed: the password of an address is nobody's to read over a shoulder."""
    return re.sub(r"(://[^:/@]*):[^@]*@", r"\1:***@", str(value or ""))


def _record(settings: Settings) -> str:
    if not settings.on_postgresql:
        return f"in {settings.data_folder}"
    database = PostgresDatabase(settings.database_url)
    try:
        require_current(database)
        with database.reader() as connection:
            (version,) = connection.execute("SELECT current_setting('server_version')").fetchone()
    finally:
        database.close()
    return f"on PostgreSQL {version}"


def _keyring(settings: Settings) -> str:
    """Where it is: with no key that others can reach, and with every key that the children's keys need."""
    with closing(open_keyring(settings)) as keyring:
        keyring.all_keys()
        if settings.on_postgresql or (settings.data_folder / KEY_FILE).exists():
            with keys_at_rest(settings) as connection:
                require_held(connection, keyring)
    return described(settings)


def _adopted_rules(settings: Settings) -> str:
    """Whether the editions of this release are adopted, and their files as they were."""
    known = adopted_in(settings)
    require_unchanged(known, shipped())
    if not known.position:
        return "none yet: the first start adopts those of this release"
    if left := not_adopted(known, shipped()):
        how = "; ".join(f"ehcp rules adopt {one.kind} {one.name}" for one in left)
        raise ValueError(f"{len(left)} came with this release and don't count until they are adopted: {how}")
    return f"{len(shipped())} editions of this release"


def _index_keys(settings: Settings) -> str:
    """Which index keys count; each of them must be in the keyring."""
    counting = [key_name(key.number) for key in index_keys_adopted(settings) if key.retired is None]
    if counting:
        with closing(open_keyring(settings)) as keyring, record_at_rest(settings) as connection:
            require_index_keys(connection, keyring)
    if len(counting) > 1:
        return f"{counting[-1]} takes over from {', '.join(counting[:-1])}"
    return ", ".join(counting) or "none yet"


def _second_factor(settings: Settings) -> str:
    """What each provider where people sign in must say of a second factor."""
    providers = configured_issuers(settings).providers.values()
    return "; ".join(f"{one.title}: {one.second_factor.in_words}" for one in providers) or "nobody signs in"


def _clients(settings: Settings) -> str:
    client_registry(settings)
    return str(settings.clients or "none")


def _kafka(settings: Settings) -> str:
    """How far the log is published, and how far behind: asked of the cluster, in which the position is kept."""
    from connectors.kafka.connection import CredentialsFault
    from connectors.kafka.errors import KafkaRefused, KafkaUnavailable
    from services.publishing.wiring import published

    try:
        logs = published(settings, _head(settings))
    except (CredentialsFault, KafkaRefused, KafkaUnavailable) as error:
        raise ValueError(str(error)) from None
    ahead = [log.log for log in logs if log.behind < 0]
    if ahead:
        raise ValueError(f"the cluster knows more than the log: {', '.join(ahead)}; see `ehcp recover`")
    return "; ".join(f"{log.log} at position {log.position}, {log.behind} behind" for log in logs)


def _signals(settings: Settings) -> str:
    """How far router, deliveries and, as last noted, topics are, and how far behind; no cluster is asked."""
    where = settings.database_url if settings.on_postgresql else settings.data_folder / SIGNALS_FILE
    if isinstance(where, Path) and not where.exists():
        return "none yet: a server makes them, or `ehcp work router`"
    database = SignalDatabase(where)
    try:
        lags = lags_of(settings, lambda: _head(settings), database)
        found = [lags.routed(), *lags.delivered(), *lags.published()]
    except SQLAlchemyError as error:
        raise ValueError(f"they can't be read: {type(error).__name__}") from None
    finally:
        database.close()
    return "; ".join(f"{one.what} at {one.position}, {one.behind} behind" for one in found)


def _signals_in_kafka(settings: Settings) -> str:
    """How many subscribers' topics are up to date, and how far behind each other one is."""
    from connectors.kafka.connection import CredentialsFault
    from connectors.kafka.declared import TopicsFault
    from connectors.kafka.errors import KafkaRefused, KafkaUnavailable
    from services.publishing.wiring import signals_published

    signals = SignalDatabase(settings.database_url if settings.on_postgresql else settings.data_folder / SIGNALS_FILE)
    try:
        topics = signals_published(settings, Outbox(signals))
    except (CredentialsFault, TopicsFault, KafkaRefused, KafkaUnavailable) as error:
        raise ValueError(str(error)) from None
    finally:
        signals.close()
    late = [f"{topic.log} is {topic.behind} behind" for topic in topics if topic.behind]
    return "; ".join([f"{len(topics) - len(late)} of {len(topics)} up to date", *late])


def _head(settings: Settings) -> int:
    """The last position of the plan log, also while a server has the record."""
    with logs_at_rest(settings) as logs:
        return logs.head(PLAN_LOG)[0]


def _checkpoints(settings: Settings) -> str:
    """How far each log is signed. Raises ValueError for a log that isn't the one that was signed."""
    where = settings.database_url if settings.on_postgresql else where_embedded(settings)
    if isinstance(where, Path) and not where.exists():
        return "none yet: `ehcp work notary` signs them, and so does a server"
    database = CheckpointDatabase(where)
    try:
        with logs_at_rest(settings) as logs:
            if found := differences(database, logs, SideNotes(settings.signing_folder)):
                raise ValueError(f"{'; '.join(found)}: nothing is recorded; see docs/how-to/audit-the-log.md")
            with database.reading() as connection:
                signed = {log: newest(connection, log) for log in SIGNED_LOGS}
            return "; ".join(
                f"{log} log: {one.size if one else 0} of {logs.head(log)[0]} signed" for log, one in signed.items()
            )
    except SQLAlchemyError as error:
        raise ValueError(f"they can't be read: {type(error).__name__}") from None
    finally:
        database.close()


def _owner(settings: Settings) -> str:
    owner = owner_of(settings.data_folder / LOCK_FILE)
    return (owner.base_url or "by a command") if owner else "no"


def _disk(settings: Settings) -> str:
    folder = next(
        path for path in (settings.data_folder.absolute(), *settings.data_folder.absolute().parents) if path.exists()
    )
    free = shutil.disk_usage(folder).free
    says = f"{free / 1024**3:.1f} GiB"
    if free <= LOW_DISK:
        raise ValueError(says)
    return says


def _print(settings: Settings, stated: dict[str, str], found: list[Finding]) -> None:
    table = Table("Setting", "Value", "What it is", box=None, pad_edge=False)
    for name, value in stated.items():
        described = type(settings).model_fields[name.removeprefix("EHCP_").lower()].description
        table.add_row(name, value, described or "")
    console.print(table)
    for finding in found:
        mark = "[green]✓[/]" if finding.good else "[red]✗[/]"
        console.print(f"{mark} {finding.name}: {finding.says}", soft_wrap=True)
