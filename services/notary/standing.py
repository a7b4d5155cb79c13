"""Whether a log is still the one of which a checkpoint is known: as long at least, and the same as far as that goes."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection
from sqlalchemy.exc import NoResultFound

from services.notary import keeping
from services.notary.database import CheckpointDatabase
from services.notary.notes import Checkpoint, MalformedNote, parsed
from services.notary.side_note import SideNotes
from services.notary.tree import WIDTH, Edge
from services.store.errors import MalformedState
from services.store.framing import leaf_hash
from services.store.log_table import Row
from services.store.tree_proofs import root_at


class SealedLogs(Protocol):
    """The logs of the store, still sealed."""

    def head(self, log: str, /) -> tuple[int, datetime | None]:
        """The last position and when it was recorded."""

    def sealed_pages(self, after: int, log: str, /, *, upto: int | None) -> Iterator[Sequence[Row]]:
        """A log behind a position, a page at a time."""


class LogDiffers(Exception):
    """A log isn't what was signed: it ends before a checkpoint, or went on differently. The text says which."""


def leaves_of(logs: SealedLogs, log: str, after: int, upto: int) -> Iterator[bytes]:
    """The leaf hashes of a log with after < position <= upto. Raises MalformedState for a damaged event."""
    for page in logs.sealed_pages(after, log, upto=upto):
        for row in page:
            yield leaf_hash(row[5], row[4])


def known_of(connection: Connection, side: SideNotes, log: str) -> Iterator[Checkpoint]:
    """What is known of a log: its newest checkpoint, the one beside the keys, and what its tree has taken in since.

    Raises MalformedNote for a file that holds none.
    """
    edge, last, beside = keeping.edge_of(connection, log), keeping.newest(connection, log), side.read(log)
    known = [parsed(last.note)] if last else []
    known += [beside] if beside else []
    known += [Checkpoint(log, edge.size, edge.root)] if edge.size else []
    yield from {(one.size, one.root): one for one in known}.values()


def difference(database: CheckpointDatabase, logs: SealedLogs, side: SideNotes, log: str) -> str:
    """Where a log differs from what is known of it, in words; empty when it is the same.

    The newest checkpoint is then kept beside the keys of this machine too.
    """
    try:
        with database.reading() as connection:
            for known in known_of(connection, side, log):
                require_same(connection, logs, log, known)
            last = keeping.newest(connection, log)
    except (LogDiffers, MalformedState) as error:
        return str(error)
    except MalformedNote as error:
        return f"the file of the newest checkpoint of the {log} log holds none: {error}"
    except (ValueError, NoResultFound):
        return f"the tree of the {log} log is damaged"
    if last is not None:
        side.keep(log, last.note)
    return ""


def require_same(connection: Connection, logs: SealedLogs, log: str, known: Checkpoint) -> None:
    """Raise LogDiffers unless the log is the one that `known` states.

    What the tree holds is taken from the tree, but for the last leaves, which are read from the log: a log that was
    brought back and went on differently differs there. What the tree doesn't hold yet is taken from the log.
    """
    require_as_long(logs, log, known.size)
    edge = keeping.edge_of(connection, log)
    grown = edge.size
    if grown < known.size:
        edge.grow(leaves_of(logs, log, grown, known.size))
        root = edge.root
    else:
        root = root_at(known.size, keeping.nodes_in(connection, log, edge))
    if root != known.root:
        raise LogDiffers(f"the {log} log of {known.size} has another root than the checkpoint that is known")
    _require_last_leaves(connection, logs, log, min(grown, known.size))


def require_as_long(logs: SealedLogs, log: str, size: int) -> None:
    """Raise LogDiffers for a log that ends before what is known of it."""
    head = logs.head(log)[0]
    if head < size:
        raise LogDiffers(f"the {log} log ends at position {head}; a checkpoint of {size} is known")


def recomputed(logs: SealedLogs, log: str, size: int) -> bytes:
    """The root of a log of that size, from the log alone: every leaf is read, and memory stays as it is.

    Raises MalformedState for a damaged event, LogDiffers for a log that is shorter.
    """
    edge = Edge()
    edge.grow(leaves_of(logs, log, 0, size), keep_full=False)
    if edge.size != size:
        raise LogDiffers(f"the {log} log ends at position {edge.size}")
    return edge.root


def _require_last_leaves(connection: Connection, logs: SealedLogs, log: str, size: int) -> None:
    """Hold the last leaves of the tree against the log itself."""
    first = max(0, size - WIDTH)
    node = keeping.nodes_in(connection, log, keeping.edge_of(connection, log))
    for index, leaf in enumerate(leaves_of(logs, log, first, size), first):
        if leaf != node(0, index):
            raise LogDiffers(f"the {log} log holds another event at position {index + 1} than was signed")
