"""What a cluster should hold: topics and access, as schemas/topics/topics.json and the list of subscribers say."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, Literal, TypeVar

from msgspec import DecodeError, Struct, ValidationError
from msgspec.json import Decoder

PREFIX: Final = "ehcp."
"""What every topic's name begins with, unless an installation shares its cluster with another."""

ROLES: Final = {"la": "case-officer", "ods": "health"}
"""As whom a body follows plans, by its kind."""

Role = Literal["platform", "subscriber"]
Resource = Literal["topic", "group", "transactional id"]
Operation = Literal["read", "write"]
T = TypeVar("T")


class TopicsFault(Exception):
    """The file of topics or of subscribers doesn't fit; the text says which and why."""


class Grant(Struct, frozen=True, order=True):
    """That a principal may do something. `is_prefix`: with everything whose name begins so."""

    principal: str
    operation: Operation
    resource: Resource
    name: str
    is_prefix: bool = False

    @property
    def sentence(self) -> str:
        """As a line of a plan."""
        return f"{self.principal} may {self.operation} {self.resource} {self.name}{'*' if self.is_prefix else ''}"


class Topic(Struct, frozen=True, kw_only=True):
    """A topic as it should be, or as it is found, then with how many copies of each record there are."""

    name: str
    partitions: int
    settings: Mapping[str, str]
    copies: int = 0


class Declared(Struct, frozen=True, kw_only=True):
    """Everything that should be there. `copies`: of each record, or as many as there are brokers if these are fewer."""

    prefix: str
    copies: int
    topics: tuple[Topic, ...]
    grants: frozenset[Grant]


class Subscriber(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A council (la) or NHS body (ods) that reads its signals from Kafka, and as whom it signs in."""

    kind: Literal["la", "ods"]
    code: str
    principal: str
    role: str = ""

    @property
    def recipient(self) -> str:
        """The organisation, as the directory names it."""
        return f"{self.kind}:{self.code}"

    @property
    def acting_role(self) -> str:
        """As whom it is told: the role that follows plans for its kind of body, unless another is stated."""
        return self.role or ROLES[self.kind]


class _TopicEntry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    about: str
    partitions: int
    settings: dict[str, str]
    writes: list[Role]
    reads: list[Role]


class _File(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    about: str
    copies: int
    topics: list[_TopicEntry]
    signals: _TopicEntry


class Catalogue(Struct, frozen=True):
    """The file of topics."""

    file: _File

    def signal_topic(self, prefix: str, subscriber: Subscriber) -> str:
        """The whole name of a subscriber's topic."""
        return prefix + self.file.signals.name.format(kind=subscriber.kind, code=subscriber.code)

    def declared(self, *, prefix: str, platform: str, subscribers: Sequence[Subscriber] = ()) -> Declared:
        """For an installation with this prefix, whose platform signs in as this principal."""
        grants = {Grant(platform, "write", "transactional id", prefix, is_prefix=True)}
        topics = []
        for entry in self.file.topics:
            topics.append(_topic(entry, prefix + entry.name))
            grants |= _grants(entry, prefix + entry.name, {"platform": platform})
        for subscriber in subscribers:
            entry = self.file.signals
            name = self.signal_topic(prefix, subscriber)
            topics.append(_topic(entry, name))
            grants |= _grants(entry, name, {"platform": platform, "subscriber": subscriber.principal})
            grants.add(Grant(subscriber.principal, "read", "group", f"{name}.", is_prefix=True))
        return Declared(prefix=prefix, copies=self.file.copies, topics=tuple(topics), grants=frozenset(grants))


_catalogue_decoder = Decoder(_File)
_subscribers_decoder = Decoder(list[Subscriber])


def read_catalogue(file: Path) -> Catalogue:
    """The declared topics. Raises TopicsFault."""
    return Catalogue(_read(file, _catalogue_decoder.decode))


def read_subscribers(file: Path | None) -> list[Subscriber]:
    """The bodies that read from Kafka; none without a file. Raises TopicsFault."""
    return _read(file, _subscribers_decoder.decode) if file else []


def _read(file: Path, decode: Callable[[bytes], T]) -> T:
    try:
        return decode(file.read_bytes())
    except OSError as error:
        raise TopicsFault(f"{file} can't be read: {error.strerror}.") from None
    except (DecodeError, ValidationError) as error:
        raise TopicsFault(f"{file}: {error}.") from None


def _topic(entry: _TopicEntry, name: str) -> Topic:
    return Topic(name=name, partitions=entry.partitions, settings=entry.settings)


def _grants(entry: _TopicEntry, name: str, principals: Mapping[Role, str]) -> set[Grant]:
    written = {Grant(principals[role], "write", "topic", name) for role in entry.writes}
    return written | {Grant(principals[role], "read", "topic", name) for role in entry.reads}
