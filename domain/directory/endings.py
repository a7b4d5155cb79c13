"""Ended access: tokens and sessions that began up to a moment are accepted no more, of whomever that was said.

A scope names an organisation ("organisation:la:855"), a system that is registered here ("client:ID"), whoever an
issuer names ("person:HASH", a keyed hash, as the log is in the clear), such a person in one organisation
("member:HASH"), or everybody ("everybody").
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from domain.directory.events import AccessEnded

EVERYBODY: Final = "everybody"
REASONS: Final = ("left", "lost-device", "suspected-misuse", "keys-exchanged", "other")
"""Why access was ended, as codes: the log is in the clear."""

_SCOPE: Final = re.compile(
    r"everybody|organisation:[a-z][a-z0-9-]{0,30}(:[A-Za-z0-9.-]{1,60})?|client:[A-Za-z0-9][A-Za-z0-9._-]{2,63}|(person|member):[0-9a-f]{32}"
)


class EndingRefused(ValueError):
    """What can't be ended like this; the text says why."""


def end_access(scope: str, before: datetime, reason: str, now: datetime) -> AccessEnded:
    """The event that ends what began up to `before`. Raises EndingRefused."""
    if not _SCOPE.fullmatch(scope):
        raise EndingRefused("Name an organisation, a client, a person, or everybody.")
    if reason not in REASONS:
        raise EndingRefused(f"Say why by one of {', '.join(REASONS)}.")
    if before > now:
        raise EndingRefused("Only what has begun already can be ended.")
    return AccessEnded(scope=scope, before=before, reason=reason)


def is_ended(endings: Mapping[str, datetime], scopes: Iterable[str], began: int) -> bool:
    """Whether what began then (seconds since the epoch) of somebody in these scopes was ended."""
    found = (endings.get(scope) for scope in (EVERYBODY, *scopes))
    return any(before is not None and began <= before.timestamp() for before in found)
