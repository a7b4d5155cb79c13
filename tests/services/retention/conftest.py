"""Platforms with records whose time is over, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.support.life import SCHOOL, Life
from tests.support.serving import Caller, Serving, serving

#: The first day on which a child born on 4 March 2015 has been kept for 31 years, and some days after.
OVER, LATER = "2046-03-04", "2046-03-10"
DIED = "2026-05-20"
PROPOSAL = {"erasureId": "erasure-1", "reason": "Robin's record is over its time"}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def address(request: pytest.FixtureRequest) -> str:
    """The address of the database, "" for a file."""
    return str(request.getfixturevalue("migrated")) if request.param == "postgresql" else ""


@pytest.fixture
def platform(address: str, tmp_path: Path) -> Iterator[Serving]:
    with serving(tmp_path, database_url=address) as served:
        yield served


class Ended(Life):
    """A record at rest whose retention can come to its end."""

    @property
    def plan(self) -> UUID:
        return UUID(self.plan_id)

    @property
    def records_manager(self) -> Caller:
        return self.serving.as_("records-manager", f"la:{self.council}")

    def at_rest(self, **personal: Any) -> Ended:
        self.imported(**personal)
        school = self.serving.as_("school", SCHOOL)
        assert school.get(self.path).status_code == 200
        self.record("record-death", "2026-05-21", effectiveOn=DIED, diedOn=DIED, source="Register office")
        return self

    def proposed(self) -> Ended:
        self.do("propose-erasure", OVER, who=self.records_manager, **PROPOSAL)
        return self

    def erased(self) -> Ended:
        self.proposed()
        self.do("expire-retention", LATER, who=self.manager, erasureId="erasure-1")
        return self


@pytest.fixture
def ended(platform: Serving) -> Ended:
    return Ended(platform).at_rest()
