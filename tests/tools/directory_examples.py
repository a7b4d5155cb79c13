"""One event of every type of the directory, about fictional organisations."""

from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

from domain.directory.events import (
    EVENTS,
    AccessEnded,
    ClientKeysRotated,
    ClientRegistered,
    ClientRevoked,
    Happening,
    OpeningCorrected,
    OrganisationChanged,
    OrganisationClosed,
    OrganisationRegistered,
    OrganisationReopened,
    SuccessionRecorded,
)
from domain.directory.organisation import Fact

_ON: Final = date(2026, 10, 1)
_NOW: Final = datetime(2026, 11, 2, 12, tzinfo=UTC)
_JWKS: Final = {"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "2026-11", "x": "A" * 43}]}

_HAPPENINGS: Final[tuple[Happening, ...]] = (
    OrganisationRegistered(
        kind="setting",
        facts=(
            Fact(attribute="urn", value="199602"),
            Fact(attribute="name", value="Brindle Wood Academy"),
            Fact(attribute="section41", value="approved", since=_ON, until=_ON),
        ),
        source="gias",
        as_of=_ON,
        opened=date(2021, 9, 1),
        closed=date(2026, 8, 31),
    ),
    OrganisationChanged(
        source="gias", as_of=_ON, ended=("name",), started=(Fact(attribute="name", value="Brindle", since=_ON),)
    ),
    OpeningCorrected(opened=None, source="gias", as_of=_ON),
    OrganisationClosed(closed=_ON, source="ods", as_of=_ON),
    OrganisationReopened(source="ods", as_of=_ON),
    SuccessionRecorded(successor=UUID("5e0c1a52-7d0e-4b5e-9a37-0d2f4a1c9e01"), on=_ON, how="conversion", source="gias"),
    ClientRegistered(
        client_id="fictional-epr",
        organisation="ods:QN1",
        role="health",
        jwks=_JWKS,
        active_from=_NOW,
        active_until=datetime(2027, 11, 2, tzinfo=UTC),
        certificates=("A" * 43,),
    ),
    ClientKeysRotated(jwks=_JWKS, previous_until=_NOW, certificates=("A" * 43,)),
    ClientRevoked(revoked_at=_NOW),
    AccessEnded(scope="organisation:la:855", before=_NOW, reason="left"),
)

EXAMPLES: Final = {EVENTS.type_of(happening): happening for happening in _HAPPENINGS}
"""By the type's public name."""
