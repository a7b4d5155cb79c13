"""What happened in the directory: the events of its log. Dates are civil dates in London, instants have an offset.

`source` says who told (gias, ods, councils, list), `as_of` on which day it was so by that source.
"""

from datetime import date, datetime
from typing import Any, Final, TypeAlias
from uuid import UUID

from msgspec import Struct

from domain.clear_events import ClearEvents
from domain.directory.organisation import Fact


class OrganisationRegistered(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """An organisation is known from now on."""

    kind: str
    facts: tuple[Fact, ...]
    source: str
    as_of: date
    opened: date | None = None
    closed: date | None = None


class OrganisationChanged(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """From that day some attributes have other values: those in `ended` lose theirs the day before, `started` begin."""

    source: str
    as_of: date
    ended: tuple[str, ...] = ()
    started: tuple[Fact, ...] = ()


class OpeningCorrected(Struct, frozen=True, kw_only=True, rename="camel"):
    """The source states another first day."""

    opened: date | None
    source: str
    as_of: date


class OrganisationClosed(Struct, frozen=True, kw_only=True, rename="camel"):
    """It ceases to exist; `closed` is its last day."""

    closed: date
    source: str
    as_of: date


class OrganisationReopened(Struct, frozen=True, kw_only=True, rename="camel"):
    """It exists after all: the source no longer states a last day."""

    source: str
    as_of: date


class SuccessionRecorded(Struct, frozen=True, kw_only=True, rename="camel"):
    """Another organisation carries on when this one has closed: a conversion, merger, split or abolition."""

    successor: UUID
    on: date | None
    how: str
    source: str


class ClientRegistered(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A system may sign in for an organisation with these public keys (RFC 7517) and certificates (x5t#S256)."""

    client_id: str
    organisation: str
    role: str
    jwks: dict[str, Any]
    active_from: datetime
    active_until: datetime | None = None
    certificates: tuple[str, ...] = ()


class ClientKeysRotated(Struct, frozen=True, kw_only=True, rename="camel"):
    """A system has new public keys; the ones before are accepted until `previous_until`."""

    jwks: dict[str, Any]
    previous_until: datetime
    certificates: tuple[str, ...] = ()


class ClientRevoked(Struct, frozen=True, kw_only=True, rename="camel"):
    """A system may not sign in any more."""

    revoked_at: datetime


class AccessEnded(Struct, frozen=True, kw_only=True, rename="camel"):
    """Tokens and sessions that began up to `before` count no more, of whom `scope` names (domain.directory.endings)."""

    scope: str
    before: datetime
    reason: str


Happening: TypeAlias = (
    OrganisationRegistered
    | OrganisationChanged
    | OpeningCorrected
    | OrganisationClosed
    | OrganisationReopened
    | SuccessionRecorded
    | ClientRegistered
    | ClientKeysRotated
    | ClientRevoked
    | AccessEnded
)

EVENTS: Final = ClearEvents[Happening](
    "directory",
    {
        "ehcp.directory.organisation-registered.v1": OrganisationRegistered,
        "ehcp.directory.organisation-changed.v1": OrganisationChanged,
        "ehcp.directory.opening-corrected.v1": OpeningCorrected,
        "ehcp.directory.organisation-closed.v1": OrganisationClosed,
        "ehcp.directory.organisation-reopened.v1": OrganisationReopened,
        "ehcp.directory.succession-recorded.v1": SuccessionRecorded,
        "ehcp.directory.client-registered.v1": ClientRegistered,
        "ehcp.directory.client-keys-rotated.v1": ClientKeysRotated,
        "ehcp.directory.client-revoked.v1": ClientRevoked,
        "ehcp.directory.access-ended.v1": AccessEnded,
    },
)
"""Every event of the directory log by its public name."""
