"""What has to be done so that a cluster holds what it should: worked out first, shown, then done."""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from connectors.kafka.declared import Declared, Grant, Topic


class Found(Struct, frozen=True, kw_only=True):
    """What a cluster holds: its topics under the prefix with settings that somebody set, and the grants on them."""

    brokers: int
    topics: Mapping[str, Topic]
    grants: frozenset[Grant]


class Difference(Struct, frozen=True, kw_only=True):
    """What is missing, what is different, what is too much.

    `strange` can't be mended here: somebody has to look. `left` isn't ours, or isn't any more, and stays as it is.
    """

    create: tuple[Topic, ...] = ()
    copies: int = 1
    change: Mapping[str, Mapping[str, str]] = {}
    grant: tuple[Grant, ...] = ()
    revoke: tuple[Grant, ...] = ()
    strange: tuple[str, ...] = ()
    left: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.create or self.change or self.grant or self.revoke)

    def lines(self) -> Iterator[str]:
        """What will be done, one line each."""
        for topic in self.create:
            size = f"{topic.partitions} partitions, {self.copies} copies"
            yield f"+ topic {topic.name}: {size}, {_listed(settings_of(topic, self.copies))}"
        for name, settings in self.change.items():
            yield f"~ topic {name}: {_listed(settings)}"
        yield from (f"+ {grant.sentence}" for grant in self.grant)
        yield from (f"- {grant.sentence}" for grant in self.revoke)
        yield from (f"! {line}" for line in (*self.strange, *self.left))


def difference(declared: Declared, found: Found) -> Difference:
    """What leads from what is found to what is declared. Nothing is ever deleted but grants."""
    wanted = {topic.name: topic for topic in declared.topics}
    there = {name: topic for name, topic in found.topics.items() if name in wanted}
    return Difference(
        create=tuple(topic for name, topic in wanted.items() if name not in there),
        copies=min(declared.copies, found.brokers),
        change={name: changed for name, topic in there.items() if (changed := _changed(wanted[name], topic))},
        grant=tuple(sorted(declared.grants - found.grants)),
        revoke=tuple(sorted(found.grants - declared.grants)),
        strange=tuple(
            line
            for name, topic in sorted(there.items())
            for line in _strange(wanted[name], topic, min(declared.copies, found.brokers))
        ),
        left=tuple(
            f"topic {name} is not declared: it is left as it is" for name in sorted(found.topics.keys() - wanted.keys())
        ),
    )


def settings_of(topic: Topic, copies: int) -> dict[str, str]:
    """The settings of a topic that has so many copies of each record.

    What only one of several copies has is not taken as written: it would go with that broker, while the position that
    counts it may stand on another.
    """
    return {**topic.settings, "min.insync.replicas": str(max(1, copies - 1))}


def _changed(wanted: Topic, there: Topic) -> dict[str, str]:
    settings = settings_of(wanted, there.copies)
    return {name: value for name, value in settings.items() if there.settings.get(name) != value}


def _strange(wanted: Topic, there: Topic, copies: int) -> Iterator[str]:
    if there.partitions != wanted.partitions:
        yield (
            f"topic {there.name} has {there.partitions} partitions, {wanted.partitions} are declared: changing that"
            " would move plans to other partitions and lose their order"
        )
    if there.copies < copies:
        yield (
            f"topic {there.name} has {there.copies} copies, {copies} are declared: Kafka's own"
            " kafka-reassign-partitions adds them"
        )


def _listed(settings: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in sorted(settings.items()))
