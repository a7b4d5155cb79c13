"""A platform on either database, and the entries that its disclosure log holds."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from domain.plan.events import PlanEvent
from services.disclosures.values import PLATFORM
from services.store.values import DISCLOSURE_LOG
from tests.support.life import Life
from tests.support.serving import Serving, serving


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Serving]:
    with serving(tmp_path) as served:
        yield served


@pytest.fixture
def on_postgresql(tmp_path: Path, migrated: str) -> Iterator[Serving]:
    with serving(tmp_path, database_url=migrated) as served:
        yield served


@pytest.fixture(params=["embedded", "on_postgresql"])
def platform(request: pytest.FixtureRequest) -> Serving:
    """The platform on every database that it can stand on."""
    found: Serving = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def life(platform: Serving) -> Life:
    return Life(platform)


class Log:
    """What the disclosure log gained."""

    def __init__(self, served: Serving) -> None:
        self.store = served.platform.store
        self.mark()

    def mark(self) -> None:
        self.since = self.store.head(DISCLOSURE_LOG)[0]

    def new(self) -> list[dict[str, Any]]:
        """The entries since the mark, each with who, why and whose record it is; moves the mark."""
        found = self.store.read_log(self.since, 1_000, DISCLOSURE_LOG)
        self.mark()
        return [
            {**event.data, "record": event.plan, "gateway": event.metadata.gateway, "role": event.metadata.actorrole}
            for event in found
            if isinstance(event, PlanEvent)
        ]


@pytest.fixture
def log(platform: Serving) -> Log:
    return Log(platform)


def platforms_own(entry: dict[str, Any]) -> bool:
    return bool(entry["record"] == PLATFORM)


def of(life: Life) -> UUID:
    return UUID(life.plan_id)
