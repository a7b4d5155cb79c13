"""Golden-thread rules on the links: need to provision to outcome, and nothing that points nowhere.

Code of Practice 2015, 9.69: provision for each and every need of section B; reg 12(1) keeps the sections
apart.
"""

from collections import Counter

from domain.document.items import Item, Link
from domain.document.sections import SECTION_KEYS
from domain.document.thread import Findings, Thread, ThreadFinding

REG12 = "SEND Regulations 2014 reg 12(1)"
CODE = "SEND Code of Practice 2015 paragraph 9.69"

#: Where the needs of a provision stand. An F item may meet a health or care need that is treated as
#: education.
NEEDS_OF: dict[str, tuple[str, ...]] = {"F": ("B",), "G": ("C",), "H1": ("D",), "H2": ("D",)}
#: Need sections, the sections whose provision answers them, and the law.
ANSWERED_BY: tuple[tuple[str, tuple[str, ...], str, str], ...] = (
    ("B", ("F",), "need-without-provision", f"{REG12}(f); CFA 2014 s.42(2); Code of Practice 9.69"),
    ("C", ("F", "G"), "health-need-without-provision", f"{REG12}(g)"),
    ("D", ("F", "H1", "H2"), "care-need-without-provision", f"{REG12}(h)"),
)
NAMES = {
    "need": "need",
    "outcome": "outcome",
    "provision": "provision",
    "advice": "piece of advice",
    "contact": "contact",
}


def link_findings(thread: Thread) -> Findings:
    """Everything that is wrong with the links of a document, in reading order of the rules."""
    yield from _needs_without_provision(thread)
    yield from _provision_without_need(thread)
    yield from _outcomes_without_provision(thread)
    yield from _dangling(thread)
    yield from _wrong_section(thread)
    yield from _ids_used_twice(thread)


def _needs_without_provision(thread: Thread) -> Findings:
    for section, answered_in, rule, law in ANSWERED_BY:
        met = {link.target for link in thread.links if link.field == "needIds" and link.section in answered_in}
        for need in thread.active_needs(section):
            if need.id not in met:
                yield ThreadFinding(
                    rule=rule,
                    law=law,
                    text=f"Need {need.number} of section {section} has no provision in section {_either(answered_in)}.",
                    pointer=need.pointer,
                    severity=thread.at_finalise() if section == "B" else "warning",
                )


def _provision_without_need(thread: Thread) -> Findings:
    for provision in thread.of_kind("provision"):
        if not provision.value.get("needIds"):
            yield ThreadFinding(
                rule="provision-without-need",
                law=CODE,
                text=f"Provision {provision.number} of section {provision.section} names no need that it meets.",
                pointer=provision.pointer,
                severity="warning",
            )


def _outcomes_without_provision(thread: Thread) -> Findings:
    provisions = thread.of_kind("provision")
    for outcome in thread.of_kind("outcome"):
        if not any(_serves(provision, outcome) for provision in provisions):
            yield ThreadFinding(
                rule="outcome-without-provision",
                law=CODE,
                text=f"No provision serves outcome {outcome.number}.",
                pointer=outcome.pointer,
                severity="warning",
            )


def _serves(provision: Item, outcome: Item) -> bool:
    """By its own link, or because both answer the same need (they stand in one row of the paper plan)."""
    shared = set(provision.value.get("needIds", ())) & set(outcome.value.get("needIds", ()))
    return outcome.id in provision.value.get("outcomeIds", ()) or bool(shared)


def _dangling(thread: Thread) -> Findings:
    known = {(item.kind, item.id) for item in thread.items}
    for link in thread.links:
        if (link.expects, link.target) not in known:
            yield ThreadFinding(
                rule="dangling-link",
                law=CODE,
                text=f"A link in {_part(link)} names {link.target}, and the plan has no "
                f"{NAMES[link.expects]} of that id.",
                pointer=link.pointer,
                severity="error",
            )


def _wrong_section(thread: Thread) -> Findings:
    home = {item.id: item.section for item in thread.of_kind("need")}
    treated = {p.id for p in thread.of_kind("provision") if p.value.get("healthOrCareTreatedAsEducation")}
    for link in thread.links:
        expected = ("B",) if link.section == "J" else NEEDS_OF.get(link.section, ())
        stands_in = home.get(link.target)
        if link.field != "needIds" or not expected or stands_in is None or stands_in in expected:
            continue
        if link.source not in treated:
            yield ThreadFinding(
                rule="link-into-wrong-section",
                law=REG12,
                text=f"{_part(link).capitalize()} answers needs of section {_either(expected)}; "
                f"{link.target} stands in section {stands_in}.",
                pointer=link.pointer,
                severity="warning",
            )


def _ids_used_twice(thread: Thread) -> Findings:
    seen = Counter(item.id for item in thread.items)
    for item in thread.items:
        if seen[item.id] > 1:
            yield ThreadFinding(
                rule="id-used-twice",
                law=CODE,
                text=f"The id {item.id} names more than one item: a link to it cannot be followed.",
                pointer=item.pointer,
                severity="error",
            )


def _part(link: Link) -> str:
    return f"section {link.section}" if link.section in SECTION_KEYS else f"the {link.section}"


def _either(sections: tuple[str, ...]) -> str:
    return " or ".join(sections)
