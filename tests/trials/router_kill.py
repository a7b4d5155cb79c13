"""Is every event told exactly once? `kill -9` of routers at random moments; rows hold no gap and nothing twice.

    python -m tests.trials.router_kill --seed N --rounds M [--kills 6]

Each round has an empty PostgreSQL database and two routers at work (`ehcp work router`). While events are appended and
children erased, one of the two is killed again and again, and started anew; now and then it is noted what was told so
far, and another edition of the access matrix is adopted, by which consulted schools are told of plans or not. When all
is quiet: numbers have no gap for any recipient, no event is told twice, no plan's order is turned round, what was noted
stands as it stood, what is told of plans that were not erased is what a router tells that begins anew, and the last
that is told of an erased one is that access was withdrawn. Prints one line of JSON; exits 1 otherwise.
"""

import random
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import func, select

from domain.access.turns import EVER
from domain.signals.types import WITHDRAWN
from services.rules.adopting import AdoptedRules
from services.signals.database import SignalDatabase
from services.signals.tables import lanes, parked, recipients
from services.store.file_keyring import FileKeyring
from services.store.framing import microseconds
from services.store.postgres.migrating import migrate
from services.store.postgres.store import open_postgres
from tests.services.rules.examples import adoption, changed, newest
from tests.support.recording import Recording
from tests.support.routed import changes_of, faults, fresh, rows, told
from tests.trials.workers import Workers, run_rounds

ROUTERS = 2
#: How likely another matrix is adopted before a kill. Each is followed for every plan, so that a few are enough.
EDITION = 0.7
#: How long the routers may take to come to rest at the end, in seconds.
PATIENCE = 120.0


class Trial:
    """One round: a record that grows, and routers that die."""

    def __init__(self, folder: Path, address: str, dice: random.Random) -> None:
        self.dice = dice
        self.folder = folder
        migrate(address)
        self.signals = SignalDatabase(address)
        self.store = open_postgres(address, keyring=FileKeyring(folder / "keyring"))
        self.recording = Recording(self.store)
        self.erased: set[UUID] = set()
        self.noted: dict[tuple[str, int], Any] = {}
        self.wrong: list[str] = []
        self.killed = 0
        self.editions = 0
        place = {"EHCP_DATABASE_URL": address, "EHCP_KEYRING": str(folder / "keyring")}
        self.routers = Workers("router", place, folder)
        for _ in range(ROUTERS):
            self.routers.start()

    def run(self, kills: int) -> None:
        """Grow the record while routers are killed."""
        while self.killed < kills:
            until = time.monotonic() + self.dice.uniform(0.2, 4.0)
            while time.monotonic() < until:
                self._something_happens()
            if self.dice.random() < EDITION:
                self._another_matrix()
            self._note()
            self.routers.kill(self.dice.randrange(ROUTERS))
            self.killed += 1
            self.routers.start()

    def found(self) -> dict[str, Any]:
        """What was told when all is quiet, against what should be."""
        quiet, stopped = self._come_to_rest(), self.routers.stop()
        self._note()
        now = rows(self.signals)
        kept = {one for one in told(now) if one.plan not in self.erased}
        anew = {one for one in fresh(self.store, self.folder) if one.plan not in self.erased}
        self.wrong += faults(now)
        self.wrong += [f"only once: {one[:5]}" for one in sorted(kept ^ anew, key=str)[:5]]
        self.wrong += [f"{one} was erased, and goes on" for one in self.erased if not self._ended(now, one)]
        with self.signals.reading() as connection:
            left = connection.scalar(select(func.count()).select_from(parked))
            last = {row.recipient: row.last for row in connection.execute(select(recipients))}
        counted = {recipient: sum(row.recipient == recipient for row in now) for recipient in last}
        return {
            "killed": self.killed,
            "erased": len(self.erased),
            "editions": self.editions,
            "events": self.store.head()[0],
            "signals": len(now),
            "recipients": len(last),
            "quiet": quiet,
            "stoppedCleanly": stopped,
            "parked": left,
            "wrong": self.wrong[:10]
            + ([] if counted == last else ["a recipient's last number isn't that of its rows"]),
        }

    def close(self) -> None:
        """End what is left."""
        self.routers.close()
        self.store.close()
        self.signals.close()

    def _something_happens(self) -> None:
        before = set(self.recording.sequences)
        self.recording.random_step(self.dice)
        if self.dice.random() < 0.01 and before:
            plan = self.dice.choice(sorted(before))
            self.store.erase_plan(plan)
            self.erased.add(plan)
            del self.recording.sequences[plan]

    def _another_matrix(self) -> None:
        self.editions += 1
        document = orjson.loads(newest("access-matrix").content)
        document["relations"]["consulted-setting"]["lists"] = self.dice.random() < 0.5
        edition = changed("access-matrix", version=f"trial-{self.editions}", relations=document["relations"])
        rules = AdoptedRules(self.store.adoption, self.store.rules_content)
        rules.adopt(adoption(edition, "2026-01-01"), edition.content, actor="operator:trial", on="2026-01-01")

    def _note(self) -> None:
        """What is told now; what was noted before must stand."""
        now = {(row.recipient, row.number): tuple(row) for row in rows(self.signals)}
        self.wrong += [f"{place} was changed" for place, row in self.noted.items() if now.get(place) != row]
        self.noted = now

    def _ended(self, now: list[Any], plan: UUID) -> bool:
        last = {row.recipient: row.type for row in now if row.plan == plan}
        return all(kind == WITHDRAWN for kind in last.values())

    def _come_to_rest(self) -> bool:
        """Whether every lane has reached the end, and erasures and editions are followed."""
        head, until = self.store.head()[0], time.monotonic() + PATIENCE
        last = changes_of(self.store)().before(datetime.max.replace(tzinfo=UTC))
        goal = (head, len(self.store.keys.erasures), 0 if last == EVER else microseconds(last), 0)
        reached = (
            func.min(lanes.c.position),
            func.min(lanes.c.erasures),
            func.min(lanes.c.turn),
            func.count(lanes.c.turned),
        )
        while time.monotonic() < until:
            with self.signals.reading() as connection:
                at = connection.execute(select(*reached)).one()
            if tuple(at) == goal and self.routers.are_at_work():
                return True
            time.sleep(0.1)
        return False


def sound(found: dict[str, Any]) -> bool:
    """Whether a round found what it should."""
    return bool(found["quiet"] and found["stoppedCleanly"]) and not (found["parked"] or found["wrong"])


if __name__ == "__main__":
    sys.exit(run_rounds(__doc__, Trial, sound))
