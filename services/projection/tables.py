"""Every table of the read models, defined once: what a migration creates on PostgreSQL and a start on SQLite.

Rows of a view carry the generation that they belong to, so that a rebuild fills the same tables beside the live rows
and a swap changes one row. In the clear stand codes, positions, the dates of duties and of relations, and keyed hashes;
a column marked `sealed` is encrypted under the child's key.
"""

from typing import Any, Final

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, SmallInteger, String, Table, Uuid

metadata = MetaData()


def _sealed(name: str = "sealed", *, nullable: bool = False) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=nullable, info={"sealed": True})


def _key(*more: Column[Any]) -> tuple[Column[Any], ...]:
    first: tuple[Column[Any], ...] = (Column("generation", Integer), Column("plan", Uuid))
    for column in (*first, *more):
        column.primary_key = True
        column.nullable = False
    return (*first, *more)


generations: Final = Table(
    "view_generation",
    metadata,
    Column("view", String(30), primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("state", String(10), nullable=False),
    Column(
        "built_to", BigInteger, nullable=False, comment="what the log held when it was begun: taken in plan by plan"
    ),
    comment="Which generations of a view there are: one live, at most one building, retired ones until they are purged",
)

positions: Final = Table(
    "view_position",
    metadata,
    Column("view", String(30), primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("lane", SmallInteger, primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False),
    comment="Up to which position of the log each lane of a generation is done; moved with the rows, or not at all",
)

erasures: Final = Table(
    "view_erasure",
    metadata,
    Column("lane", SmallInteger, primary_key=True, autoincrement=False),
    Column("handled", Integer, nullable=False),
    comment="How many entries of the erasure register each lane has followed",
)

parked: Final = Table(
    "view_parked",
    metadata,
    Column("view", String(30), primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("plan", Uuid, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("error", String(80), nullable=False),
    Column("retry", SmallInteger, nullable=False, default=0),
    comment="Plans that a view leaves alone since the event at a position could not be taken in",
)

current: Final = Table(
    "view_current",
    metadata,
    *_key(),
    Column("sequence", Integer, nullable=False),
    Column("council", String(3), nullable=False),
    Column("phase", String(30), nullable=False),
    Column("version", Integer, nullable=False),
    Column("text", Integer, nullable=False, comment="the sequence of the text in force, in view_version; 0 for none"),
    _sealed(),
)

versions: Final = Table(
    "view_version",
    metadata,
    *_key(Column("sequence", Integer)),
    Column("number", Integer, nullable=False),
    Column("kind", String(10), nullable=False),
    _sealed(),
)

history: Final = Table(
    "view_history",
    metadata,
    *_key(Column("sequence", Integer)),
    Column("position", BigInteger, nullable=False),
    Column("time", BigInteger, nullable=False, comment="microseconds since the epoch, UTC"),
    Column("type", String(80), nullable=False),
    Column("event", Uuid, nullable=False),
    Column("status", String(10), nullable=False, comment="counted, superseded or erased"),
    _sealed(nullable=True),
)

worklist: Final = Table(
    "view_worklist",
    metadata,
    *_key(),
    Column("council", String(3), nullable=False),
    Column("phase", String(30), nullable=False),
    Column("version", Integer, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("opened_position", BigInteger, nullable=False),
    Column("updated_position", BigInteger, nullable=False),
    Column("next_clock", String(30)),
    Column("next_due", String(10)),
    Index("view_worklist_opened", "generation", "opened_position"),
    Index("view_worklist_council", "generation", "council", "opened_position"),
)

organisations: Final = Table(
    "view_worklist_organisation",
    metadata,
    *_key(Column("relation", String(40)), Column("organisation", String(80)), Column("since", String(10))),
    Column("ended", String(10), nullable=False, comment="the first day on which it doesn't hold any more"),
    Index("view_worklist_organisation_found", "generation", "organisation", "plan"),
)

clocks: Final = Table(
    "view_worklist_clock",
    metadata,
    *_key(Column("key", String(160))),
    Column("clock", String(30), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("due_on", String(10), nullable=False),
    Index("view_worklist_clock_due", "generation", "due_on"),
    Index("view_worklist_clock_id", "generation", "clock", "due_on"),
)

names: Final = Table(
    "view_worklist_name",
    metadata,
    *_key(Column("kind", String(10)), Column("token", LargeBinary(18))),
    Index("view_worklist_name_found", "generation", "kind", "token"),
)
