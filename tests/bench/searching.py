"""Finding a plan by blind indexes, against the same columns in the clear.

10,000 imported plans of one council, whose children share 80 names. Ours hashes what is looked for under the index key
and asks the register or the worklist; the reference asks the same database for rows of the same form that say what they
hold. Every search must find its plan.
"""

import asyncio
import random
import tempfile
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any, NamedTuple

import orjson
from sqlalchemy import TextClause, text

from domain.identifiers.check_digits import nhs_check_digit
from domain.plan.acts import Actor
from services.bootstrap import Platform, open_platform
from services.importing.reading import NDJSON
from services.importing.report import ImportSource
from services.projection.database import ViewDatabase
from services.projection.generations import begin
from services.projection.lanes import SharedLanes
from services.projection.listing import Scope
from services.projection.projector import Projector
from services.projection.reading import Lists
from services.projection.worklist import Worklist
from services.settings import Settings
from services.store.register import NHS_NUMBER, plan_matches
from tests.bench.measuring import Row, alternate, seconds
from tests.bench.setting import Bench
from tests.support.fictional import fictional_plan

OFFICER = Actor(subject="bench", organisation="la:855", role="case-officer")
SCOPE = Scope(on="2026-11-02", councils=frozenset({"855"}))
TOGETHER = 1_000

_CLEAR = """
    CREATE TABLE clear (kind text, said text, plan uuid, PRIMARY KEY (plan, kind, said));
    CREATE INDEX clear_found ON clear (kind, said)
"""
_HAS = "EXISTS (SELECT FROM clear c WHERE c.plan = w.plan AND c.kind = '{}' AND c.said = {})"
_BY_NUMBER = text("SELECT plan FROM clear WHERE kind = 'number' AND said = :number")
_BY_NAME = text(
    "SELECT w.plan FROM view_worklist w WHERE w.council = '855' AND "  # noqa: S608 - the parts are ours
    + " AND ".join(_HAS.format(*each) for each in (("word", ":given"), ("word", ":family"), ("born", ":born")))
    + " ORDER BY w.opened_position LIMIT 201"
)


class Child(NamedTuple):
    """What a plan is looked for by."""

    number: str
    given: str
    family: str
    born: str


def search_rows(bench: Bench) -> Iterator[Row]:
    """Searches a second, one after the other: by NHS number, and by name and date of birth."""
    plans = [_plan(n, number) for n, number in zip(range(bench.size(10_000, 1_000)), _nhs_numbers(), strict=False)]
    children = [_child(plan) for plan in plans]
    sought = random.Random(1).sample(children, bench.size(500, 100))
    with bench.database() as url, tempfile.TemporaryDirectory() as folder:
        platform = open_platform(Settings(database_url=url, keyring=f"{folder}/keyring"))
        views = ViewDatabase(url)
        asyncio.run(_import(platform, plans))
        _project(platform, views)
        _say_in_the_clear(views, children)
        lists = Lists(views, platform.store.index, lambda: None)
        for name, ours, statement in (
            ("search-by-number", lambda: _by_number(platform, sought), _BY_NUMBER),
            ("search-by-name", lambda: asyncio.run(_by_name(lists, sought)), _BY_NAME),
        ):
            each, reference = alternate(
                lambda ours=ours: len(sought) / seconds(ours),  # type: ignore[misc]
                lambda statement=statement: len(sought) / seconds(lambda: _in_the_clear(views, statement, sought)),
                bench.rounds,
            )
            yield Row(id=name, ours=each, reference=reference, unit="searches/s", rounds=bench.rounds)
        views.close()
        platform.close()


def _plan(number: int, nhs_number: str) -> dict[str, Any]:
    plan = fictional_plan(number, needs=2)
    plan["personalDetails"]["identifiers"] = {"nhsNumber": nhs_number}
    return plan


def _nhs_numbers() -> Iterator[str]:
    """Of the range that belongs to nobody."""
    for number in count():
        if digit := nhs_check_digit(f"999{number:06d}"):
            yield f"999{number:06d}{digit}"


def _child(plan: dict[str, Any]) -> Child:
    details = plan["personalDetails"]
    given, family = details["name"].casefold().split()
    return Child(details["identifiers"]["nhsNumber"], given, family, details["dateOfBirth"])


async def _import(platform: Platform, plans: Sequence[dict[str, Any]]) -> None:
    source = ImportSource(name="bench", media_type=NDJSON, council="855")
    for start in range(0, len(plans), TOGETHER):
        content = b"\n".join(map(orjson.dumps, plans[start : start + TOGETHER]))
        await platform.importer.take_in(content, source, OFFICER)


def _project(platform: Platform, views: ViewDatabase) -> None:
    with views.writing() as connection:
        begin(connection, ["worklist"], 0)
    projector = Projector(platform.store, views, [Worklist(platform.store.index)], SharedLanes())
    projector.catch_up()
    projector.close()


def _say_in_the_clear(views: ViewDatabase, children: Sequence[Child]) -> None:
    """The plans are in the register in the order in which they were imported."""
    with views.writing() as connection:
        connection.execute(text(_CLEAR))
        plans = list(connection.scalars(text("SELECT plan FROM view_worklist ORDER BY opened_position")))
        rows = [
            {"kind": kind, "said": said, "plan": plan}
            for plan, child in zip(plans, children, strict=True)
            for kind, said in zip(("number", "word", "word", "born"), child, strict=True)
        ]
        connection.execute(text("INSERT INTO clear VALUES (:kind, :said, :plan)"), rows)
        connection.execute(text("ANALYZE"))


def _by_number(platform: Platform, sought: Sequence[Child]) -> None:
    register, index = platform.store.register, platform.store.index
    for child in sought:
        if len(register.find(plan_matches(index, NHS_NUMBER, child.number))) != 1:
            raise RuntimeError("a search by number didn't find its plan alone")


async def _by_name(lists: Lists, sought: Sequence[Child]) -> None:
    for child in sought:
        if not (await lists.named(SCOPE, f"{child.given} {child.family}", child.born)).plans:
            raise RuntimeError("a search by name found nothing")


def _in_the_clear(views: ViewDatabase, statement: TextClause, sought: Sequence[Child]) -> None:
    for child in sought:
        with views.reading() as connection:
            if not connection.execute(statement, child._asdict()).all():
                raise RuntimeError("a search in the clear found nothing")
