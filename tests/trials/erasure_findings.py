"""What the trial of erasures looks at when all is quiet. Each question adds to what is wrong."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from connectors.kafka.positions import POSITIONS
from deploy.local.kafka import PLATFORM
from domain.plan.events import Erased
from services.bootstrap import open_platform
from services.projection.history import Histories
from services.settings import Settings
from services.store import key_backup
from services.store.framing import unframe
from services.store.values import DISCLOSURE_LOG, DRAFT_LOG, PLAN_LOG
from tests.support.projected import fresh, live_rows
from tests.support.published import Installation
from tests.support.remote import Remote
from tests.trials.erasure_children import TRACE, Child
from tests.trials.erasure_processes import Processes
from tests.trials.erasure_progress import are_views_current, is_published, is_routed
from tests.trials.erasure_search import (
    OldKeys,
    Words,
    bytes_of,
    copy_of,
    files,
    forget_what_was_destroyed,
    opened,
    store_of,
    tables,
    topics,
)

#: How long what was begun may take until it is done, in seconds.
PATIENCE: Final = 120.0
#: Tables by which a person or a number leads to a record.
INDEXES: Final = ("plan_match", "family_link", "view_worklist_name", "view_current", "view_worklist")
TOPICS: Final = ("plan-events.v1", "plan-state.v1", POSITIONS, "signals.v1.la.855")


class Watched(Struct, frozen=True):
    """What the findings are about. `attempted` are proposals to destroy a record, by plan."""

    children: list[Child]
    attempted: Mapping[str, str]
    old_keys: OldKeys
    backups: Path
    people: Remote
    processes: Processes
    installation: Installation | None
    server: str


class Findings:
    """Looks, in this order: as anybody sees it, then as it lies there, then what could still be opened."""

    def __init__(self, watched: Watched) -> None:
        self.watched = watched
        self.processes = watched.processes
        self.settings: Settings = watched.processes.settings
        self.wrong: list[str] = []
        self.destroyed: list[Child] = []
        self.published: dict[str, list[Any]] = {}

    def all(self) -> dict[str, Any]:
        """What was found, with `wrong`."""
        self.destroyed = self._as_answered()
        self._await("the router", lambda: is_routed(self.settings))
        if (installation := self.watched.installation) is not None:
            self._await("the publisher", lambda: is_published(self.settings, installation))
        self._views_anew()
        with self.processes.at_rest():
            self.processes.command("keys", "backup", str(self._aged_backups()))
        if not self.processes.stop():
            self.wrong.append("a process did not end well")
        numbers = self._log()
        found = self._as_it_lies()
        self._as_it_opens()
        self._as_keys_come_back()
        entries = sum(len(child.gone) for child in self.watched.children)
        return {
            "destroyed": len(self.destroyed), "entries": entries, "children": len(self.watched.children),
            **numbers, **found, "wrong": self.wrong,
        }  # fmt: skip

    # As anybody sees it

    def _as_answered(self) -> list[Child]:
        """The children whose records are answered for as destroyed; every other is whole."""
        destroyed = []
        for child in self.watched.children:
            if child.plan_id in self.watched.attempted and self._await_end(child):
                destroyed.append(child)
                self._is_told(child)
            else:
                self._is_whole(child)
        return destroyed

    def _await_end(self, child: Child) -> bool:
        """Whether it was destroyed in the end: whoever approved it may have gone away before it was done."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            answer = child.officer.get(f"{child.path}/history", limit=500)
            if answer.status_code == 410:
                return True
            if "retention-expired" not in answer.text:
                return False
            time.sleep(0.5)
        self.wrong.append("an approved destruction isn't carried out")
        return False

    def _is_told(self, child: Child) -> None:
        stranger = self.watched.people.officer("840")
        for path in (child.path, f"{child.path}/history", f"{child.path}/disclosures", f"{child.path}/subject-access"):
            told = child.officer.get(path)
            if told.status_code != 410 or told.json()["certificate"]["planId"] != child.plan_id:
                self.wrong.append(f"a party gets {told.status_code} of {path.removeprefix(child.path)}")
            if stranger.get(path).status_code != 404:
                self.wrong.append("a stranger learns of a destroyed record")
        search = child.officer.post("/v1/plans/search", {"nhsNumber": child.nhs_number}).text
        if child.plan_id in search:
            self.wrong.append("a destroyed record is found by its number")

    def _is_whole(self, child: Child) -> None:
        manager = child.manager
        pages, after = "", 0
        while page := manager.get(f"{child.path}/history", limit=500, after=after).json().get("events"):
            pages += str(page)
            after = page[-1]["sequence"]
        if child.word_of("need") not in child.officer.get(child.path).text:
            self.wrong.append("a record that wasn't destroyed can't be read")
        missing = [word for entry, word in child.told.items() if entry not in child.gone | {1} and word not in pages]
        if missing:
            self.wrong.append(f"{len(missing)} acknowledged words are missing of a record that wasn't destroyed")
        if any(child.told[entry] in pages for entry in child.gone):
            self.wrong.append("a destroyed entry is shown in the history")

    # As it lies there

    def _views_anew(self) -> None:
        self._await("the views", lambda: are_views_current(self.settings))
        self.processes.command("views", "rebuild", Histories.name)
        self._await("the views", lambda: are_views_current(self.settings))

    def _aged_backups(self) -> Path:
        """The folder of backups, where those that there are have become too old."""
        for path in self.watched.backups.glob(f"*{key_backup.SUFFIX}"):
            made = datetime.now(UTC) - key_backup.KEPT - timedelta(days=1)
            path.rename(path.with_name(f"ehcp-{made:%Y%m%dT%H%M%SZ}{key_backup.SUFFIX}"))
        return self.watched.backups

    def _log(self) -> dict[str, Any]:
        """Positions have no gap, every leaf is what was told, and each destruction has one certificate."""
        with store_of(self.settings) as store:
            for log in (PLAN_LOG, DRAFT_LOG, DISCLOSURE_LOG):
                positions = [row[0] for page in store.sealed_pages(log=log) for row in page]
                if positions != list(range(1, len(positions) + 1)):
                    self.wrong.append(f"positions of the {log} log have gaps")
            told = {place: leaf for child in self.watched.children for place, leaf in child.leaves.items()}
            if any(store.leaf(place).hex() != leaf for place, leaf in told.items()):
                self.wrong.append("a leaf isn't what was told")
            head = store.head()[0]
        platform = open_platform(self.settings)
        certificates = Counter(
            (one.certificate.plan, getattr(one.certificate, "entry", 0)) for one in platform.certificates.all()
        )
        with_views = live_rows(platform.store, platform.projection.database)
        anew = fresh(platform.store, self.processes.folder)
        platform.close()
        if with_views != anew:
            self.wrong.append("the views aren't what the log makes them")
        due = {(child.plan_id, 0) for child in self.destroyed}
        due |= {(c.plan_id, entry) for c in self.watched.children if c not in self.destroyed for entry in c.gone}
        wanting = due - certificates.keys()
        if wanting or any(number != 1 for number in certificates.values()):
            self.wrong.append(f"{len(wanting)} certificates are missing, or one was issued twice")
        return {"events": head, "certificates": len(certificates)}

    def _as_it_lies(self) -> dict[str, Any]:
        """No word of any child stands anywhere in the clear, and no number of a destroyed one by which it is found."""
        numbers = [number for child in self.destroyed for number in (child.nhs_number, child.upn)]
        words, bytes_read = Words([TRACE, *numbers]), 0
        places = [*tables(self.settings), *files(self.processes.folder)]
        if self.watched.installation is not None:
            connection, prefix = self.watched.installation.connection(PLATFORM), self.watched.installation.prefix
            self.published = topics(connection, [prefix + name for name in TOPICS])
            places += [(topic, bytes_of(one)) for topic, records in self.published.items() for one in records]
            places += files(self.watched.installation.broker.folder)
        for where, content in places:
            bytes_read += len(content)
            if there := words.within(content):
                self.wrong.append(f"{where} says {there[0]!r}")
        for where, content in tables(self.settings):
            if any(
                where.endswith(name) and child.plan.bytes in content for name in INDEXES for child in self.destroyed
            ):
                self.wrong.append(f"{where} still leads to a destroyed record")
        return {"bytesSearched": bytes_read, "records": {name: len(found) for name, found in self.published.items()}}

    # What could still be opened

    def _as_it_opens(self) -> None:
        """Nothing of it, with every key there is, by whoever knows nothing of what was destroyed."""
        with copy_of(self.settings, self.watched.server) as copy:
            forget_what_was_destroyed(copy)
            self._search(copy, "the keys that are left open")
            self.watched.old_keys.come_back_to(copy)
            if self.destroyed and not self._still_opened(copy):
                self.wrong.append("old keys open nothing: the search would find nothing")
        if self.watched.installation is not None:
            self._are_published_as_recorded()

    def _search(self, settings: Settings, how: str) -> None:
        stems = {child.stem for child in self.destroyed}
        gone = {child.told[entry] for child in self.watched.children for entry in child.gone}
        lasting = {child.stem for child in self.watched.children} - stems
        for where, said in opened(settings, self.published):
            if any(stem in said.lower() for stem in stems):
                self.wrong.append(f"{how} {where} of a destroyed record")
            if any(word in said for word in gone):
                self.wrong.append(f"{how} {where}, which repeats a destroyed entry")
            lasting -= {stem for stem in lasting if stem in said}
        if lasting:
            self.wrong.append(f"nothing opens {len(lasting)} records that were not destroyed")

    def _still_opened(self, settings: Settings) -> bool:
        """Whether old keys open anything that was destroyed."""
        stems = {child.stem for child in self.destroyed}
        return any(stem in said for _, said in opened(settings, self.published) for stem in stems)

    def _as_keys_come_back(self) -> None:
        """A start with old keys, of a copy of the database or of a backup, destroys again before it serves."""
        with copy_of(self.settings, self.watched.server) as copy:
            self.watched.old_keys.come_back_to(copy)
            self._is_destroyed_at_a_start(copy)
            (backup,) = self.watched.backups.glob(f"*{key_backup.SUFFIX}")
            with store_of(copy) as store:
                key_backup.restore(store.keys, backup, datetime.now(UTC))
            self._is_destroyed_at_a_start(copy)
            forget_what_was_destroyed(copy)
            self._search(copy, "after a restore the keys open")

    def _is_destroyed_at_a_start(self, settings: Settings) -> None:
        platform = open_platform(settings)
        try:
            for child in self.destroyed:
                if not all(isinstance(entry, Erased) for entry in platform.store.read_plan(child.plan)):
                    self.wrong.append("a start with old keys brings a destroyed record back")
            for child in self.watched.children:
                told = platform.store.read_plan(child.plan)
                if any(not isinstance(told[entry - 1], Erased) for entry in child.gone):
                    self.wrong.append("a start with old keys brings a destroyed entry back")
        finally:
            platform.close()

    def _are_published_as_recorded(self) -> None:
        """What the topic of events holds is what the log holds, sealed; the last state of a destroyed plan is none."""
        assert self.watched.installation is not None
        prefix = self.watched.installation.prefix
        with store_of(self.settings) as store:
            recorded = {row[0]: unframe(row[5])[2] for page in store.sealed_pages() for row in page}
        records = self.watched.installation.committed("plan-events.v1")
        if {int(dict(one.headers)["ce_position"]): one.value for one in records} != recorded:
            self.wrong.append("the topic of events isn't the log")
        last = {record.key.decode(): record.value for record in self.watched.installation.committed("plan-state.v1")}
        if any(last.get(child.plan_id) is not None for child in self.destroyed):
            self.wrong.append(f"{prefix}plan-state.v1 has no tombstone for a destroyed record")

    # Waiting

    def _await(self, what: str, so: Callable[[], bool]) -> None:
        until = time.monotonic() + PATIENCE
        while not so():
            if time.monotonic() > until:
                self.wrong.append(f"{what} did not come to rest")
                return
            time.sleep(0.2)
