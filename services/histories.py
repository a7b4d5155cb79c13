"""A plan's history as one reader is shown it: numbered without a gap, no word of what is hidden from this reader."""

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import UNSET
from msgspec.structs import replace

from domain.access import Entitlement
from domain.plan.acts import Actor
from domain.plan.events import Erased, EventMetadata, HistoryEntry, JsonObject
from domain.plan.evolve import annulments
from domain.plan.redactions import Hidden, is_hidden, without_hidden
from services.rules.in_force import RulesInForce
from services.seen import Seen
from services.statements import Statement, is_own_request
from services.views import HistoryItem

#: What a gateway's `familyView` says of entries that a family is shown at once.
SHOWN: Final = "shown"
Numbered = tuple[int, HistoryEntry]


class Histories:
    """Says which entries of a history a reader is shown, and as what."""

    def __init__(self, rules: RulesInForce) -> None:
        """The rules give titles of events, and gateways what families are shown."""
        self._catalogue = rules.catalogue
        self._rules = rules

    def shown_of(self, entries: Iterable[HistoryEntry], allowed: Entitlement, actor: Actor) -> list[HistoryEntry]:
        """The entries that the reader is shown, in order."""
        return [entry for entry in entries if allowed.details or self._is_shown(entry, actor)]

    def items(self, seen: Seen, entries: Sequence[HistoryEntry], page: Iterable[Numbered]) -> tuple[HistoryItem, ...]:
        """The entries of a page with their numbers, each marked when it no longer counts; `entries` is the whole."""
        state, allowed = seen.state, seen.allowed
        annulled, statements = annulments(entries), seen.statements()
        hidden = state.sealed_from if not allowed.before_sealing else 0
        return tuple(
            replace(
                self._item(
                    entry,
                    corrected=entry.sequence in annulled,
                    hidden=entry.sequence < hidden,
                    details=allowed.details,
                    named=seen.names_actors,
                    redacted=seen.hidden,
                    statements=statements.with_entry(entry.sequence),
                ),
                number=number,
            )
            for number, entry in page
        )

    def _is_shown(self, entry: HistoryEntry, actor: Actor) -> bool:
        """Whether the family is shown an entry: not where its gateway keeps that for a review, or for ever.

        What somebody asked for in their own name they are shown whatever its gateway says.
        """
        if isinstance(entry, Erased) or entry.metadata.gateway is None or is_own_request(entry.data, actor):
            return True
        known = self._rules.codes("gateways").get(entry.metadata.gateway)
        return known is not None and known.text("familyView") == SHOWN

    def _item(
        self,
        entry: HistoryEntry,
        *,
        corrected: bool,
        hidden: bool,
        details: bool,
        named: bool,
        redacted: Hidden,
        statements: tuple[Statement, ...],
    ) -> HistoryItem:
        spec = self._catalogue.events.get(entry.type)
        item = HistoryItem(
            number=0,
            sequence=entry.sequence if details else UNSET,
            position=entry.position if details else UNSET,
            time=entry.time,
            type=entry.type,
            title=spec.title if spec else entry.type,
            id=str(entry.id),
            status="superseded" if corrected else "counted",
        )
        if isinstance(entry, Erased) or hidden:
            return replace(item, status="erased" if isinstance(entry, Erased) else "sealed")
        done = replace(
            item,
            effective_on=entry.metadata.effectiveon,
            mode=entry.metadata.mode,
            actor=_actor(entry.metadata, named=named),
            law=spec.law if spec else (),
        )
        if is_hidden(redacted, entry.sequence):
            return replace(done, status="redacted")
        if not details:
            return done
        effects = entry.data.get("effects", {})
        return replace(
            done,
            findings=tuple(effects.get("findings", ())),
            warnings=tuple(effects.get("warnings", ())),
            statements=statements or UNSET,
            data=without_hidden(redacted, entry.sequence, _said(entry.data)),
        )


def _actor(by: EventMetadata, *, named: bool) -> JsonObject:
    """Who did it: staff appear as role and organisation, to auditors also as themselves."""
    told: JsonObject = {"organisation": by.actororg, "role": by.actorrole}
    if named:
        told |= {"subject": by.actor} | ({"issuer": by.actorissuer} if by.actorissuer else {})
    return told


def _said(data: JsonObject) -> JsonObject:
    return {name: value for name, value in data.items() if name not in {"plan", "effects"}}
