"""Everything that the record holds about the child, up to an entry, as sources to go through.

What nobody may see any more isn't there: what was redacted, what was filed on the wrong child, what was sealed with an
earlier identity. To somebody who must not find the child only what cannot tell where it is.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from msgspec import Struct

from domain.access import Access, Entitlement, Question, shown_text
from domain.calendar import london_date
from domain.codesets import Code
from domain.document.whereabouts import NAMING, without_whereabouts
from domain.plan.acts import Actor
from domain.plan.catalogue import Catalogue
from domain.plan.events import Erased, HistoryEntry, JsonObject, PlanEvent
from domain.plan.evolve import effects_of
from domain.plan.redactions import hidden_in, is_hidden, without_hidden, without_same
from domain.plan.state import PlanState
from services.disclosures.purposes import SHOWN_TO_FAMILY, family_view
from services.drafts import load_draft
from services.errors import PlanUnknown
from services.plans import Plans
from services.rules.in_force import RulesInForce
from services.seen import sealed_like
from services.store.record_store import RecordStore
from services.store.values import DRAFT_LOG
from services.subject_access.marking import FROM_WHOM, Asker, Trait
from services.subject_access.parts import Source, leaves, pointer_to

PERSON: Final = "person"
MISFILED: Final = "ehcp.plan.event-misfiled.v1"
#: Not what was said, but what the platform made of it.
DERIVED: Final = frozenset({"effects"})
#: Fields that name a place or a body by themselves.
PLACES: Final = frozenset({"urn", "ukprn", "laestab", "odsCode", "settingName", "organisation", "setting", "postcode"})
#: Shorter ones are words that stand everywhere.
_SHORTEST: Final = 4
Collected = tuple[Source, Trait]


class Whole(Struct, frozen=True, kw_only=True):
    """What is held until when, who asks, and how the plan stood and stands.

    `on` is the civil date of the last entry: access, gateways and exemptions are those of that day. From whom the
    child's place is held back (`barred`), `places` are the names and codes that tell it. `hidden` are texts that were
    redacted: they may be quoted elsewhere.
    """

    then: PlanState
    now: PlanState
    asker: Asker
    sources: tuple[Collected, ...]
    until: datetime
    on: date
    barred: bool
    places: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()


class _For(NamedTuple):
    """For which contact, and by which gateways."""

    contact: str
    gateways: Mapping[str, Code]


class Collector:
    """Gathers what is held."""

    def __init__(self, store: RecordStore, plans: Plans, rules: RulesInForce, access: Access) -> None:
        """Gather from these plans and drafts; `access` says what somebody can read already."""
        self._store = store
        self._plans = plans
        self._access = access
        self._catalogue: Catalogue = rules.catalogue
        self._rules = rules
        self._councils: Mapping[str, Code] = rules.code_sets["local-authorities"].codes

    def gathered(self, now: PlanState, actor: Actor, up_to: int, prepared_by: int = 0) -> Whole:
        """Everything up to an entry, for this member of the family.

        Drafts and readers, which stand in other logs, are those of the moment at which it was prepared by an entry.
        """
        plan_id = UUID(now.plan_id)
        everything = self._plans.history(plan_id)
        history = [e for e in everything if e.sequence <= up_to]
        until = max((e.time for e in everything if e.sequence in {up_to, prepared_by}), default=history[-1].time)
        then = self._plans.before(plan_id, up_to + 1)
        then = sealed_like(then, now) if now.sealed_from else then
        on = london_date(history[-1].time)
        allowed = self._access.decide_read(now, actor, Question(), on)
        entries = [e for e in history if isinstance(e, PlanEvent) and self._is_the_childs(e, now, history)]
        if allowed.hides_location:
            sources = tuple(self._for_the_barred(entries, now, allowed, actor.contact_id))
        else:
            whom = _For(actor.contact_id, self._rules.codes("gateways", on))
            sources = tuple(self._sources(entries, then, now, whom, until if prepared_by else None))
        gone = [e for e in history if isinstance(e, Erased) and self._is_the_childs(e, now, history)]
        if not allowed.hides_location:
            sources = tuple(sorted((*sources, *map(self._destroyed, gone)), key=_place_of))
        texts = [entry for entry in entries if "plan" in entry.data]
        readable = {f"entry/{entry.sequence}": _readable(entry, now, allowed) for entry in texts}
        asker = _asker(then, actor.contact_id, readable)
        places = frozenset(self._places(history, now)) if allowed.hides_location else frozenset[str]()
        return Whole(
            then=then, now=now, asker=asker, sources=sources, until=until, on=on, barred=allowed.hides_location,
            places=places, hidden=frozenset(_hidden_texts(history, now)),
        )  # fmt: skip

    def _is_the_childs(self, entry: HistoryEntry, now: PlanState, history: list[Any]) -> bool:
        misfiled = {e.data.get("entry") for e in history if isinstance(e, PlanEvent) and e.type == MISFILED}
        hidden = is_hidden(hidden_in(now), entry.sequence)
        return entry.sequence >= now.sealed_from and entry.sequence not in misfiled and not hidden

    def _sources(
        self, entries: list[PlanEvent], then: PlanState, now: PlanState, whom: _For, until: datetime | None
    ) -> Iterator[Collected]:
        yield Source(name=PERSON, about={}, content=self._person(then, now)), Trait()
        for entry in entries:
            yield self._source(entry, then, now), self._trait(entry, whom, then)
        yield from ((draft, Trait(kind="draft", draft=True)) for draft in self._drafts(now, until))

    def _person(self, then: PlanState, now: PlanState) -> JsonObject:
        """Who the record is about, without what only entries say that are hidden as a whole."""
        person = then.person
        hidden = [n for n in sorted(hidden_in(now)) if is_hidden(hidden_in(now), n) and now.sealed_from <= n]
        for sequence in hidden:
            (entry,) = self._store.read_plan(UUID(now.plan_id), after=sequence - 1, upto=sequence)
            if isinstance(entry, PlanEvent):
                person = without_same(person, (), effects_of(entry).person) or {}
        return person

    def _destroyed(self, entry: HistoryEntry) -> Collected:
        """That an entry was there, and that nobody can read any more what it said."""
        about = {"entry": entry.sequence, "time": entry.time.isoformat(), "title": self._title(entry)}
        source = Source(name=f"erased/{entry.sequence}", about={**about, "status": "erased"}, content={})
        return source, Trait(kind=_kind(entry))

    def _for_the_barred(
        self, entries: list[PlanEvent], now: PlanState, allowed: Entitlement, contact: str
    ) -> Iterator[Collected]:
        """The texts as they can read them, and what they said themselves: all else may tell where the child is."""
        names = self._council_names(now)
        versions = {version.sequence: version for version in now.versions}
        for entry in entries:
            version = versions.get(entry.sequence)
            grant = allowed.showing(version) if version else None
            about = {"entry": entry.sequence, "time": entry.time.isoformat(), "title": self._title(entry)}
            if grant is not None and "plan" in entry.data:
                said = without_hidden(hidden_in(now), entry.sequence, {"plan": entry.data["plan"]})
                text = shown_text(said["plan"], grant, now, names)
                yield Source(name=f"entry/{entry.sequence}", about=about, content={"plan": text}), Trait()
            elif _is_from(entry.data, contact):
                said = {k: v for k, v in self._source(entry, now, now).content.items() if k != "plan"}
                left = without_whereabouts({"sections": {}, **said}, names)
                left.pop("sections")
                yield Source(name=f"entry/{entry.sequence}", about=about, content=left), Trait(askers_own=True)

    def _council_names(self, now: PlanState) -> list[str]:
        return [self._councils[code].title for code in sorted(_councils(now) & self._councils.keys())]

    def _places(self, history: list[Any], now: PlanState) -> Iterator[str]:
        """Every name and code by which the record tells where the child is, in whatever entry."""
        yield from self._council_names(now)
        yield from (party.organisation for party in now.parties)
        for entry in history:
            if isinstance(entry, PlanEvent):
                yield from (leaf.text for leaf in leaves(entry.data) if _tells_a_place(leaf.path, leaf.text))

    def _source(self, entry: PlanEvent, then: PlanState, now: PlanState) -> Source:
        """An entry as it counted then, without what is hidden of it now."""
        said = {name: value for name, value in entry.data.items() if name not in DERIVED}
        by = entry.metadata
        about: JsonObject = {
            "entry": entry.sequence,
            "time": entry.time.isoformat(),
            "title": self._title(entry),
            "effectiveOn": by.effectiveon,
            "by": {"organisation": by.actororg, "role": by.actorrole},
        }
        if entry.sequence in then.annulled or entry.sequence in then.corrected:
            about["status"] = "superseded"
        content = without_hidden(hidden_in(now), entry.sequence, said)
        return Source(name=f"entry/{entry.sequence}", about=about, content=content)

    def _trait(self, entry: PlanEvent, whom: _For, state: PlanState) -> Trait:
        gateway = entry.metadata.gateway
        theirs = _is_from(entry.data, whom.contact)
        return Trait(
            kind=_kind(entry),
            category=self._category(entry, state),
            held_back=bool(gateway) and family_view(gateway, whom.gateways) != SHOWN_TO_FAMILY and not theirs,
            askers_own=theirs and entry.metadata.actorrole == "family",
        )

    def _category(self, entry: PlanEvent, state: PlanState) -> str:
        spec = self._catalogue.events.get(entry.type)
        if spec is None or spec.case is None or spec.case.kind != "advice":
            return ""
        case = state.case("advice", str(entry.data.get("adviceId", "")))
        return str(entry.data.get("category") or (case.data.get("category", "") if case else ""))

    def _title(self, entry: HistoryEntry) -> str:
        spec = self._catalogue.events.get(entry.type)
        return spec.title if spec else entry.type

    def _drafts(self, state: PlanState, until: datetime | None) -> Iterator[Source]:
        """Working drafts that are still open: what became of the others stands in the history."""
        for stream in self._store.register.streams(UUID(state.plan_id), DRAFT_LOG):
            try:
                draft = load_draft(self._store, state, stream, until)
            except PlanUnknown:
                continue
            about = {"draft": draft.draft_id, "purpose": draft.purpose, "revision": draft.revision}
            if draft.status == "OPEN":
                name = f"draft/{draft.draft_id}@{draft.revision}"
                yield Source(name=name, about=about, content={"plan": draft.document})


def _kind(entry: HistoryEntry) -> str:
    return entry.type.removeprefix("ehcp.plan.").removesuffix(".v1")


def _place_of(collected: Collected) -> tuple[int, int]:
    """The person first, then the entries as they follow one another, then the drafts."""
    kind, _, number = collected[0].name.partition("/")
    return ({PERSON: 0, "draft": 2}.get(kind, 1), int(number) if number.isdecimal() else 0)


def _asker(state: PlanState, contact: str, readable: Mapping[str, frozenset[str]]) -> Asker:
    contacts = state.person.get("contacts", {})
    own = f"{contacts.get(contact, {}).get('name', '')} {state.person.get('name', '')}"
    others = {name: value for name, value in contacts.items() if name != contact}
    return Asker(
        contact=contact,
        others=others,
        spared=frozenset(word.casefold() for word in own.split()),
        readable=readable,
    )


def _readable(entry: PlanEvent, now: PlanState, allowed: Entitlement) -> frozenset[str]:
    """The sections of a text that somebody reads whole already."""
    version = next((v for v in now.versions if v.sequence == entry.sequence), None)
    grant = allowed.showing(version) if version else None
    if grant is None:
        return frozenset()
    text = entry.data["plan"]
    shown = shown_text(text, grant, now).get("sections", {})
    return frozenset(name for name, section in text["sections"].items() if shown.get(name) == section)


def spared_texts(whole: Whole) -> set[str]:
    """What the asker can read already: sections of texts that are open to them, and the child's own details."""
    found = {leaf.text for leaf in leaves({k: v for k, v in whole.then.person.items() if k != "contacts"})}
    for source, _ in whole.sources:
        sections = source.content.get("plan", {}).get("sections", {})
        for letter in whole.asker.readable.get(source.name, frozenset()) & sections.keys():
            found |= {leaf.text for leaf in leaves(sections[letter])}
    return found


def _hidden_texts(history: list[Any], now: PlanState) -> Iterator[str]:
    """What redactions took out, in whatever entry."""
    hidden = hidden_in(now)
    for entry in history:
        if isinstance(entry, PlanEvent):
            said = {name: value for name, value in entry.data.items() if name not in DERIVED}
            for leaf in leaves(said):
                if is_hidden(hidden, entry.sequence, pointer_to(leaf.path)):
                    yield leaf.text


def _is_from(data: JsonObject, contact: str) -> bool:
    return any(data.get(name) == contact for name in FROM_WHOM)


def _councils(state: PlanState) -> set[str]:
    return {party.organisation.removeprefix("la:") for party in state.parties}


def _tells_a_place(path: tuple[str, ...], text: str) -> bool:
    named = path[-1] in PLACES or (path[-1] == "name" and bool(NAMING & set(path)))
    return named and len(text) >= _SHORTEST
