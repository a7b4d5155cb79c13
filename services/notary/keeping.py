"""Trees and checkpoints as rows: what is known of each log's, and adding to it."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from msgspec import Struct
from sqlalchemy import Connection, func, insert, select, update

from services.notary.tables import checkpoints, keys, tiles, trees
from services.notary.tree import HEIGHT, Edge, Tile, nodes_of
from services.store.tree_proofs import Nodes


class GrownElsewhere(Exception):
    """Another process has made the tree grow meanwhile: nothing was kept, look again."""


class Signed(Struct, frozen=True, kw_only=True):
    """A checkpoint as it is kept: `time` is microseconds since the epoch, UTC."""

    log: str
    number: int
    size: int
    root: bytes
    time: int
    note: str


class SigningKey(Struct, frozen=True, kw_only=True):
    """A public key, as verifiers of notes take it, and the number of the first checkpoint that it signed."""

    key: str
    number: int


def edge_of(connection: Connection, log: str) -> Edge:
    """The right edge of a log's tree; of a tree without leaves while nothing is kept."""
    row = connection.execute(select(trees.c.size, trees.c.edge).where(trees.c.log == log)).one_or_none()
    return Edge(row.size, bytes(row.edge)) if row else Edge()


def nodes_in(connection: Connection, log: str, edge: Edge) -> Nodes:
    """The complete subtrees of the tree of which `edge` is the edge."""

    @lru_cache(maxsize=16)
    def tile(level: int, place: int) -> bytes:
        if place == edge.size >> HEIGHT * (level + 1):
            return edge.tile(level)
        query = select(tiles.c.hashes).where(tiles.c.log == log, tiles.c.level == level, tiles.c.tile == place)
        return bytes(connection.scalars(query).one())

    return nodes_of(tile)


def keep_grown(connection: Connection, log: str, before: int, edge: Edge, filled: Iterable[Tile]) -> None:
    """Keep that a tree of the size `before` has grown. Raises GrownElsewhere when it isn't of that size any more."""
    grown = {"size": edge.size, "edge": edge.kept}
    moved = connection.execute(update(trees).where(trees.c.log == log, trees.c.size == before).values(**grown))
    if not moved.rowcount:
        if before or connection.execute(select(trees.c.size).where(trees.c.log == log)).one_or_none():
            raise GrownElsewhere
        connection.execute(insert(trees).values(log=log, **grown))
    rows = [{"log": log, **one._asdict()} for one in filled]
    if rows:
        connection.execute(insert(tiles), rows)


def newest(connection: Connection, log: str) -> Signed | None:
    """The last checkpoint of a log."""
    found = since(connection, log, None, 1)
    return found[0] if found else None


def since(connection: Connection, log: str, number: int | None, limit: int) -> Sequence[Signed]:
    """At most `limit` checkpoints behind a number, in order; without a number the last ones, newest first."""
    query = select(checkpoints).where(checkpoints.c.log == log).limit(limit)
    if number is None:
        query = query.order_by(checkpoints.c.number.desc())
    else:
        query = query.where(checkpoints.c.number > number).order_by(checkpoints.c.number)
    return [_signed(row._mapping) for row in connection.execute(query)]  # noqa: SLF001 - the public name of it


def of_size(connection: Connection, log: str, size: int) -> Signed | None:
    """The checkpoint that was signed for this size, if one was."""
    query = select(checkpoints).where(checkpoints.c.log == log, checkpoints.c.size == size)
    row = connection.execute(query.order_by(checkpoints.c.number).limit(1)).one_or_none()
    return _signed(row._mapping) if row else None  # noqa: SLF001


def last_number_within(connection: Connection, log: str, size: int) -> int:
    """The number of the last checkpoint that states no more than a size; 0 when there is none."""
    query = select(func.max(checkpoints.c.number)).where(checkpoints.c.log == log, checkpoints.c.size <= size)
    return connection.scalar(query) or 0


def keep_signed(connection: Connection, signed: Signed, key: str) -> None:
    """Keep a checkpoint, and its key where that is new. Raises IntegrityError for a number or size that is taken."""
    connection.execute(insert(checkpoints).values(**{name: getattr(signed, name) for name in signed.__struct_fields__}))
    if key not in {known.key for known in signing_keys(connection, signed.log)}:
        connection.execute(insert(keys).values(log=signed.log, number=signed.number, key=key))


def signing_keys(connection: Connection, log: str) -> list[SigningKey]:
    """The keys that have signed checkpoints of a log, oldest first."""
    query = select(keys.c.key, keys.c.number).where(keys.c.log == log).order_by(keys.c.number)
    return [SigningKey(key=row.key, number=row.number) for row in connection.execute(query)]


def _signed(row: object) -> Signed:
    values = dict(row)  # type: ignore[call-overload]
    return Signed(**{**values, "root": bytes(values["root"])})
