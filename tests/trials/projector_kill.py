"""Do the read models survive their projectors? `kill -9` at random moments; every view equals one made from nothing.

    python -m tests.trials.projector_kill --seed N --rounds M [--kills 6]

Each round has an empty PostgreSQL database and two projectors at work (`ehcp work projector`). While events are
appended, entries and children erased and views rebuilt, one of the two is killed again and again, and started anew.
When all is quiet: every row of every view is what a projector that starts from nothing makes of the log, every lane has
reached its end, nothing is parked, and no retired generation is left. Prints one line of JSON; exits 1 when anything
differs.
"""

import random
import sys
import time
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from services.projection.database import ViewDatabase
from services.projection.generations import LANES, RETIRED, start_rebuild, targets
from services.projection.parking import parked_plans
from services.projection.tables import erasures, generations
from services.projection.wiring import VIEW_NAMES
from services.store.file_keyring import FileKeyring
from services.store.postgres.store import open_postgres
from tests.support.projected import fresh, live_rows, shared_views
from tests.support.recording import Recording
from tests.trials.workers import Workers, run_rounds

PROJECTORS = 2
#: How long the projectors may take to come to rest at the end, in seconds.
PATIENCE = 120.0


class Trial:
    """One round: a record that grows, and projectors that die."""

    def __init__(self, folder: Path, address: str, dice: random.Random) -> None:
        self.dice = dice
        self.folder = folder
        self.views = shared_views(address)
        self.store = open_postgres(address, keyring=FileKeyring(folder / "keyring"))
        self.recording = Recording(self.store)
        self.erased: set[UUID] = set()
        self.counts = {"killed": 0, "erased": 0, "rebuilds": 0}
        place = {"EHCP_DATABASE_URL": address, "EHCP_KEYRING": str(folder / "keyring")}
        self.projectors = Workers("projector", place, folder)
        for _ in range(PROJECTORS):
            self.projectors.start()

    def run(self, kills: int) -> None:
        """Grow the record while projectors are killed."""
        while self.counts["killed"] < kills:
            until = time.monotonic() + self.dice.uniform(0.2, 4.0)
            while time.monotonic() < until:
                self._something_happens()
            self.projectors.kill(self.dice.randrange(PROJECTORS))
            self.counts["killed"] += 1
            self.projectors.start()

    def found(self) -> dict[str, Any]:
        """What the views hold when all is quiet, against what they should."""
        quiet, stopped = self._come_to_rest(), self.projectors.stop()
        shared, anew = live_rows(self.store, self.views), fresh(self.store, self.folder)
        different = sorted(name for name in anew if shared[name] != anew[name])
        with self.views.reading() as connection:
            parked = [f"{found.view} {found.position} {found.error}" for found in parked_plans(connection)]
            retired = connection.scalar(select(func.count()).where(generations.c.state == RETIRED))
        return {
            **self.counts,
            "events": self.store.head()[0],
            "rows": sum(map(len, anew.values())),
            "quiet": quiet,
            "stoppedCleanly": stopped,
            "different": different,
            "parked": parked,
            "retired": retired,
        }

    def close(self) -> None:
        """End what was started."""
        self.projectors.close()
        self.store.close()
        self.views.close()

    def _something_happens(self) -> None:
        chance = self.dice.random()
        plans = [plan for plan in self.recording.sequences if plan not in self.erased]
        if chance < 0.01 and len(plans) > 5:
            self._erase(self.dice.choice(plans))
        elif chance < 0.015:
            self._rebuild()
        else:
            self.recording.random_step(self.dice)
        if self.dice.random() < 0.1:
            time.sleep(self.dice.uniform(0, 0.05))

    def _erase(self, plan: UUID) -> None:
        self.counts["erased"] += 1
        last = self.recording.sequences[plan]
        if last > 1 and self.dice.random() < 0.7:
            self.store.erase_event(plan, self.dice.randint(2, last))
            return
        self.store.erase_plan(plan)
        self.erased.add(plan)
        del self.recording.sequences[plan]

    def _rebuild(self) -> None:
        self.counts["rebuilds"] += 1
        with self.views.writing() as connection:
            start_rebuild(connection, self.dice.choice(VIEW_NAMES), self.store.head()[0])

    def _come_to_rest(self) -> bool:
        """Whether every lane of every generation has reached the end, nothing is being built and erasures are done."""
        head, until = self.store.head()[0], time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if self.projectors.are_at_work() and _at_rest(self.views, head) and self._erasures_followed():
                return True
            time.sleep(0.1)
        return False

    def _erasures_followed(self) -> bool:
        with self.views.reading() as connection:
            return connection.scalar(select(func.min(erasures.c.handled))) == len(self.store.keys.erasures)


def _at_rest(views: ViewDatabase, head: int) -> bool:
    with views.reading() as connection:
        found = targets(connection)
        retired = connection.scalar(select(func.count()).where(generations.c.state == RETIRED))
    return len(found) == len(VIEW_NAMES) and not retired and all(t.lowest(LANES) == head for t in found)


def sound(found: dict[str, Any]) -> bool:
    """Whether a round found what it should."""
    return bool(found["quiet"] and found["stoppedCleanly"]) and not (
        found["different"] or found["parked"] or found["retired"]
    )


if __name__ == "__main__":
    sys.exit(run_rounds(__doc__, Trial, sound))
