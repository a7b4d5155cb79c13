"""The organisations of a plan that hold a role in it, and those that held one: councils, settings, health bodies.

Every relation follows from the plan's own log, never from the kind of an organisation. CFA 2014 ss.42, 43; SEND
Regulations 2014 regs 13, 15, 16.
"""

from collections.abc import Container, Iterable, Iterator

from msgspec.structs import replace

from domain.access.relation import PLATFORM, Relation, Window, day_after, day_before, earlier, windows
from domain.plan.events import JsonObject
from domain.plan.state import Case, Party, PlanState

#: How a setting is named: by its URN or its UKPRN.
SETTING_KINDS = ("urn", "ukprn")
#: Sections whose provisions say who delivers them.
DELIVERED = ("F", "G", "H1", "H2")


def councils(state: PlanState) -> Iterator[Relation]:
    """Who maintains the plan, will and did; with them their guardian of identities and their auditors."""
    yield Relation(name="auditor", party=PLATFORM)
    for period in _maintaining(state):
        for name in ("identity-guardian", "maintaining-council", "records-management", "auditor"):
            yield replace(period, name=name)
        if period.ended:
            yield _former("former-council", period)
    for case in state.open_cases("transfer", "TRANSFERRED", "ACKNOWLEDGED"):
        to, on = f"la:{case.data.get('toLa', '')}", str(case.data.get("transferOn", ""))
        decided = next((move for move in case.moves if move.status == "TRANSFERRED"), None)
        if decided and decided.on < on:
            yield Relation(name="incoming-council", party=to, since=decided.on, ended=on, by=decided.by)
    for party in _of_role(state, "corporateParent"):
        yield _period("corporate-parent", party)


def social_care(state: PlanState) -> Iterator[Relation]:
    """The maintaining council's social care staff, from the day on which they have to do with this child."""
    for period in _maintaining(state):
        for window in _care_windows(state):
            since, ended = max(period.since, window.since), earlier(period.ended, window.ended)
            yield Relation(name="social-care", party=period.party, since=since, ended=ended, by=window.by)


def settings(state: PlanState) -> Iterator[Relation]:
    """The settings that section I names, in the text in force or in an earlier one."""
    named = _last_days(state.document) if state.is_final() else {}
    for party in _of_role(state, "namedSetting"):
        if party.until or party.organisation in named:
            last = party.until or named[party.organisation]
            period = replace(_confirmed(state, party, named), until=last or None)
            yield from _with_former("named-setting", "former-named-setting", period)
    for setting in sorted(named.keys() - _holding(state, "namedSetting")):
        party = replace(_of_the_text(state, setting), until=named[setting] or None)
        yield from _with_former("named-setting", "former-named-setting", party)


def health(state: PlanState) -> Iterator[Relation]:
    """The bodies that are responsible for health provision, each with its own items, and those that were."""
    items = _commissioned(state)
    known = [
        replace(
            _confirmed(state, party, items), until=party.until or _recorded_last_day(state, party.organisation) or None
        )
        for party in _of_role(state, "healthBody")
    ]
    known += [_of_the_text(state, body) for body in sorted(items.keys() - _holding(state, "healthBody"))]
    for party in known:
        for relation in _with_former("responsible-health-body", "former-health-body", party):
            own = replace(relation, items=items.get(party.organisation, frozenset()))
            yield own
            if own.held is None:
                yield replace(own, name="designated-clinical-officer")


def providers(state: PlanState) -> Iterator[Relation]:
    """The bodies that provisions of the text in force name as delivering them."""
    found: dict[str, set[str]] = {}
    for section in DELIVERED if state.is_final() else ():
        for item, provision in _provisions(state.document, section).items():
            organisation = provision.get("deliveredBy", {}).get("organisation", {})
            for kind, field in (("ods", "odsCode"), ("urn", "urn")):
                if field in organisation:
                    found.setdefault(f"{kind}:{organisation[field]}", set()).add(item)
    for body, items in sorted(found.items()):
        yield replace(_period("delivering-provider", _of_the_text(state, body)), items=frozenset(items))


def named_settings(document: JsonObject) -> frozenset[str]:
    """The organisations named in section I, written as "urn:199101" or "ukprn:10099801"."""
    return frozenset(f"{kind}:{p[kind]}" for p in _placements(document) for kind in SETTING_KINDS if kind in p)


def health_bodies(state: PlanState) -> frozenset[str]:
    """The bodies that commission section G of a final plan, or hold the plan as its health body, as "ods:QJK"."""
    commissioned = _commissioners(state.document) if state.is_final() else {}
    return frozenset({*_holding(state, "healthBody"), *commissioned.values()})


def _maintaining(state: PlanState) -> list[Relation]:
    """The councils that maintain the plan, one after the other: the first has had the record since there is one."""
    periods = [_period("maintaining-council", party) for party in _of_role(state, "maintainingCouncil")]
    if not periods and state.maintaining_la:
        return [Relation(name="maintaining-council", party=f"la:{state.maintaining_la}")]
    return [replace(period, since="" if period is periods[0] else period.since) for period in periods]


def _care_windows(state: PlanState) -> Iterator[Window]:
    """Since social care was asked for advice; while a social worker or reviewing officer supports the child."""
    for case in state.open_cases("advice"):
        if case.data.get("category") == "e":
            yield Window(case.opened_on, "", case.opened_by)
    for case in state.open_cases("supporter"):
        if case.data.get("kind") in {"SOCIAL_WORKER", "IRO"}:
            yield from windows(case, {"APPOINTED"})


def _of_role(state: PlanState, role: str) -> list[Party]:
    return [party for party in state.parties if party.role == role]


def _period(name: str, party: Party) -> Relation:
    return Relation(
        name=name,
        party=party.organisation,
        since=party.since,
        ended=day_after(party.until),
        by=party.by,
        before=party.ended_by,
    )


def _former(name: str, period: Relation) -> Relation:
    last = day_before(period.ended)
    return replace(period, name=name, since=period.ended, ended="", held=(period.since, last))


def _with_former(name: str, former: str, party: Party) -> Iterator[Relation]:
    period = _period(name, party)
    yield period
    if period.ended:
        yield _former(former, period)


def _of_the_text(state: PlanState, organisation: str) -> Party:
    """A party by the text in force alone."""
    current = state.current_version()
    since, by = (current.effective_on, current.sequence) if current else ("", 0)
    return Party(role="", organisation=organisation, since=since, by=by)


def _confirmed(state: PlanState, party: Party, named: Container[str]) -> Party:
    """A party that the text in force names rests on that text too: it outlasts the sealing of an identity before it."""
    current = state.current_version()
    rests = current is not None and party.until is None and party.organisation in named
    return replace(party, by=max(party.by, current.sequence)) if rests and current else party


def _holding(state: PlanState, role: str) -> set[str]:
    return {party.organisation for party in _of_role(state, role) if party.until is None}


def _last_days(document: JsonObject) -> dict[str, str]:
    """The settings that the text names, each with the last day of its placement; "" where that isn't said."""
    found: dict[str, list[str]] = {}
    for placement in _placements(document):
        for kind in SETTING_KINDS:
            if kind in placement:
                found.setdefault(f"{kind}:{placement[kind]}", []).append(placement.get("to", ""))
    return {setting: "" if "" in days else max(days) for setting, days in found.items()}


def _placements(document: JsonObject) -> Iterable[JsonObject]:
    placements: JsonObject = document.get("sections", {}).get("I", {}).get("placements", {})
    return placements.values()


def _provisions(document: JsonObject, section: str) -> JsonObject:
    provisions: JsonObject = document.get("sections", {}).get(section, {}).get("provisions", {})
    return provisions


def _commissioners(document: JsonObject) -> dict[str, str]:
    """The body that commissions each item of section G, where the text gives its code."""
    provisions = _provisions(document, "G").items()
    return {item: f"ods:{code}" for item, p in provisions if (code := p.get("commissioner", {}).get("odsCode"))}


def _commissioned(state: PlanState) -> dict[str, frozenset[str]]:
    """The items of each body: those that the text in force says, and those that are recorded."""
    pairs = list(_commissioners(state.document).items()) if state.is_final() else []
    pairs += [(case.id, f"ods:{case.data['odsCode']}") for case in _settled(state)] if state.is_final() else []
    return {body: frozenset(item for item, whose in pairs if whose == body) for _, body in pairs}


def _settled(state: PlanState) -> list[Case]:
    cases = state.open_cases("responsible-body")
    return [case for case in cases if case.data.get("status") == "RESOLVED" and "odsCode" in case.data]


def _recorded_last_day(state: PlanState, organisation: str) -> str:
    """The last day of a body that is responsible by records alone, each of which has one."""
    if state.is_final() and organisation in _commissioners(state.document).values():
        return ""
    ends = [str(c.data.get("until", "")) for c in _settled(state) if f"ods:{c.data['odsCode']}" == organisation]
    return "" if not ends or "" in ends else max(ends)
