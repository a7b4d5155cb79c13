"""What anybody can hold the logs to: the newest checkpoint, and proofs of what is in a log and that it only grew.

A proof is made of hashes and holds no content. It tells how many entries there are, and where one stands: the
checkpoint of the log of plans is for everybody who is signed in, all else for auditors.
"""

from base64 import b64encode
from collections.abc import Callable

from msgspec import UNSET, Struct, UnsetType
from sqlalchemy import Connection

from domain.plan.acts import Actor
from services.errors import Fault, InvalidContent, NotYours
from services.notary import keeping
from services.notary.database import CheckpointDatabase
from services.notary.keeping import Signed
from services.store.framing import instant
from services.store.tree_proofs import Nodes, consistency_path, inclusion_path, root_at
from services.store.values import PLAN_LOG

Auditors = Callable[[Actor], bool]
"""Whether a caller is an auditor by the matrix of the day."""


class CheckpointKey(Struct, frozen=True, kw_only=True, rename="camel"):
    """A public key of checkpoints, as verifiers of signed notes take it, and the first checkpoint that it signed."""

    key: str
    from_number: int


class CheckpointView(Struct, frozen=True, kw_only=True, rename="camel"):
    """A checkpoint: `note` is the signed statement, the other members say the same for programs.

    `size` is 0 while nothing was signed; root and note are then absent. Hashes are base64.
    """

    log: str
    size: int
    number: int = 0
    root: str | UnsetType = UNSET
    signed_at: str | UnsetType = UNSET
    note: str | UnsetType = UNSET
    keys: tuple[CheckpointKey, ...] = ()


class InclusionProof(Struct, frozen=True, kw_only=True, rename="camel"):
    """That the entry at `position` is leaf `position` - 1 of the tree of `size` (RFC 9162 2.1.3). Hashes are base64."""

    log: str
    position: int
    size: int
    leaf: str
    path: tuple[str, ...]
    root: str
    note: str | UnsetType = UNSET


class ConsistencyProof(Struct, frozen=True, kw_only=True, rename="camel"):
    """That the tree of `to` began as the tree of `from` (RFC 9162 2.1.4). Hashes are base64."""

    log: str
    from_: int
    to: int
    path: tuple[str, ...]
    from_root: str
    root: str
    note: str | UnsetType = UNSET


class Auditing:
    """Answers from the trees."""

    def __init__(self, database: CheckpointDatabase, auditors: Auditors) -> None:
        """`auditors` says who is one."""
        self._database = database
        self._auditors = auditors

    def checkpoint(self, actor: Actor, log: str) -> CheckpointView:
        """The newest checkpoint. That of another log than the plans' is for auditors: raises NotYours."""
        if log != PLAN_LOG:
            self._require_auditor(actor)
        with self._database.reading() as connection:
            last = keeping.newest(connection, log)
            known = keeping.signing_keys(connection, log)
        if last is None:
            return CheckpointView(log=log, size=0)
        return CheckpointView(
            log=log,
            size=last.size,
            number=last.number,
            root=_text(last.root),
            signed_at=instant(last.time).isoformat(),
            note=last.note,
            keys=tuple(CheckpointKey(key=one.key, from_number=one.number) for one in known),
        )

    def inclusion(self, actor: Actor, log: str, position: int, size: int | None) -> InclusionProof:
        """The proof of one entry, in the log of a size that is signed: the newest unless stated.

        Raises NotYours for who is no auditor, InvalidContent for a position or a size that isn't signed.
        """
        self._require_auditor(actor)
        with self._database.reading() as connection:
            within = self._signed_size(connection, log, size, "size")
            if not 0 < position <= within:
                raise _fault("position", f"The log of {within} has no position {position}.")
            nodes = self._nodes(connection, log)
            path = inclusion_path(position - 1, within, nodes)
            return InclusionProof(
                log=log,
                position=position,
                size=within,
                leaf=_text(nodes(0, position - 1)),
                path=tuple(map(_text, path)),
                root=_text(root_at(within, nodes)),
                note=_note(keeping.of_size(connection, log, within)),
            )

    def consistency(self, actor: Actor, log: str, first: int, second: int | None) -> ConsistencyProof:
        """The proof that the log only grew between two sizes; the second is the newest that is signed unless stated.

        Raises NotYours for who is no auditor, InvalidContent for sizes that aren't signed, or aren't in order.
        """
        self._require_auditor(actor)
        with self._database.reading() as connection:
            upto = self._signed_size(connection, log, second, "to")
            if not 0 < first <= upto:
                raise _fault("from", f"Nothing leads from {first} to {upto}.")
            nodes = self._nodes(connection, log)
            return ConsistencyProof(
                log=log,
                from_=first,
                to=upto,
                path=tuple(map(_text, consistency_path(first, upto, nodes))),
                from_root=_text(root_at(first, nodes)),
                root=_text(root_at(upto, nodes)),
                note=_note(keeping.of_size(connection, log, upto)),
            )

    def _require_auditor(self, actor: Actor) -> None:
        if not self._auditors(actor):
            raise NotYours("Proofs, and checkpoints of other logs than the plans', are for auditors.")

    def _nodes(self, connection: Connection, log: str) -> Nodes:
        return keeping.nodes_in(connection, log, keeping.edge_of(connection, log))

    def _signed_size(self, connection: Connection, log: str, stated: int | None, name: str) -> int:
        last = keeping.newest(connection, log)
        signed = last.size if last else 0
        if stated is not None and stated > signed:
            raise _fault(name, f"The newest checkpoint states {signed}.")
        return signed if stated is None else stated


def _note(signed: Signed | None) -> str | UnsetType:
    return signed.note if signed else UNSET


def _text(hashed: bytes) -> str:
    return b64encode(hashed).decode()


def _fault(name: str, text: str) -> InvalidContent:
    return InvalidContent((Fault(pointer=f"/{name}", text=text, rule=name),))
