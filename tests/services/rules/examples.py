"""Editions for tests, made from those of this release: other names, other days, other contents."""

from datetime import date
from typing import Any

import orjson

from domain.rules import EVERY_COUNCIL, AdoptedBy, RulesAdopted
from services.rules.editions import Edition, read_edition, shipped

OPERATOR = AdoptedBy(organisation="platform", role="operator")


def newest(kind: str) -> Edition:
    """The newest edition of this release."""
    return [edition for edition in shipped() if edition.kind == kind][-1]


def changed(kind: str, **members: Any) -> Edition:
    """The newest edition of this release with other members."""
    return read_edition(kind, orjson.dumps(orjson.loads(newest(kind).content) | members))


def adoption(edition: Edition, on: str = "", council: str = EVERY_COUNCIL) -> RulesAdopted:
    return RulesAdopted(
        kind=edition.kind,
        edition=edition.name,
        sha256=edition.sha256,
        in_force_from=date.fromisoformat(on) if on else edition.in_force_from,
        council=council,
        adopted_by=OPERATOR,
        source="A test",
    )
