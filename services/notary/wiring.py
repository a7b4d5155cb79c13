"""The notary of one process, put together: the logs that are signed, and what answers for them."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from msgspec import Struct

from services.keyrings import token_of
from services.notary.auditing import Auditing, Auditors
from services.notary.database import CHECKPOINTS_FILE, CheckpointDatabase
from services.notary.notary import Notary
from services.notary.notes import origin_of
from services.notary.running import RunningNotaries
from services.notary.side_note import SideNotes
from services.notary.signing_keys import CheckpointKeys, SigningKeys
from services.notary.standing import SealedLogs, difference
from services.publishing.durable import Durable, OneCopy, Replicas
from services.publishing.turns import Alone, SharedTurn
from services.settings import Settings
from services.store.postgres.database import PostgresDatabase
from services.store.values import DISCLOSURE_LOG, PLAN_LOG

SIGNED_LOGS: Final = (PLAN_LOG, DISCLOSURE_LOG)
"""The logs that have checkpoints."""


class Notarisation(Struct, frozen=True, kw_only=True):
    """Trees and checkpoints, who makes them, and what answers questions about them."""

    database: CheckpointDatabase
    running: RunningNotaries
    keys: CheckpointKeys
    auditing: Auditing
    differences: Callable[[], list[str]]

    def close(self) -> None:
        """Finish the step in hand, then close."""
        self.running.stop()
        self.keys.close()
        self.database.close()


def open_notarisation(
    settings: Settings, logs: SealedLogs, auditors: Auditors, now: Callable[[], datetime]
) -> Notarisation:
    """The notary of an installation; nothing is started. Raises UnknownStoreVersion."""
    database = CheckpointDatabase(settings.database_url if settings.on_postgresql else where_embedded(settings))
    keys, side = checkpoint_keys(settings), SideNotes(settings.signing_folder)
    notaries = [
        Notary(log, origin_of(settings.source, log), logs, _durable(settings, logs, log), database, keys, side, now)
        for log in SIGNED_LOGS
    ]
    turn = SharedTurn(settings.database_url, "notary") if settings.on_postgresql else Alone()
    return Notarisation(
        database=database,
        keys=keys,
        running=RunningNotaries(notaries, turn, seconds=settings.checkpoint_seconds),
        auditing=Auditing(database, auditors),
        differences=lambda: differences(database, logs, side),
    )


def checkpoint_keys(settings: Settings) -> CheckpointKeys:
    """Where this installation's keys for checkpoints are: in the token of its keyring, else in files.

    Raises ValueError, KeyringPermissions.
    """
    files, token = SigningKeys(settings.signing_folder), token_of(settings)
    if token is None:
        return files
    # Imported here: whoever keeps keys in files needs no PKCS#11.
    from services.notary.token_signing_keys import TokenSigningKeys  # noqa: PLC0415

    return TokenSigningKeys(token, files)


def differences(database: CheckpointDatabase, logs: SealedLogs, side: SideNotes) -> list[str]:
    """Where the logs differ from what is known of them, in words; nothing when they are the same."""
    return [found for log in SIGNED_LOGS if (found := difference(database, logs, side, log))]


def where_embedded(settings: Settings) -> Path:
    """The file of trees and checkpoints where the record is one."""
    return settings.data_folder / CHECKPOINTS_FILE


def _durable(settings: Settings, logs: SealedLogs, log: str) -> Durable:
    if names := settings.replica_names:
        return Replicas(PostgresDatabase(settings.database_url, pool_size=1), names, log)
    return OneCopy(logs, log)
