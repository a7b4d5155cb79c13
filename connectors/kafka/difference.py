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
    """What is missing, what is different, what is too much. `strange` can't be mended here: somebody has to look."""

    create: tuple[Topic, ...] = ()
    copies: int = 1
    change: Mapping[str, Mapping[str, str]] = {}
    grant: tuple[Grant, ...] = ()
    revoke: tuple[Grant, ...] = ()
    strange: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.create or self.change or self.grant or self.revoke)

    def lines(self) -> Iterator[str]:
        """What will be done, one line each."""
        for topic in self.create:
            size = f"{topic.partitions} partitions, {self.copies} copies"
            yield f"+ topic {topic.name}: {size}, {_listed(topic.settings)}"
        for name, settings in self.change.items():
            yield f"~ topic {name}: {_listed(settings)}"
        yield from (f"+ {grant.sentence}" for grant in self.grant)
        yield from (f"- {grant.sentence}" for grant in self.revoke)
        yield from (f"! {line}" for line in self.strange)


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
        strange=tuple(_strange(wanted, found.topics)),
    )


def _changed(wanted: Topic, there: Topic) -> dict[str, str]:
    return {name: value for name, value in wanted.settings.items() if there.settings.get(name) != value}


def _strange(wanted: Mapping[str, Topic], found: Mapping[str, Topic]) -> Iterator[str]:
    for name, topic in sorted(found.items()):
        if name not in wanted:
            yield f"topic {name} is not declared: it is left as it is"
        elif topic.partitions != wanted[name].partitions:
            yield (
                f"topic {name} has {topic.partitions} partitions, {wanted[name].partitions} are declared: changing that"
                " would move plans to other partitions and lose their order"
            )


def _listed(settings: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in sorted(settings.items()))
