"""The access matrix as a page for people: `docs/access-matrix.md`, made from `schemas/access/matrix.json`."""

from collections.abc import Iterator
from typing import Final

from domain.access import Policy, RelationRule
from domain.access.policy import STATES, Reading
from domain.document import SECTION_KEYS

HEAD: Final = """# Who may see and do what

Made from [schemas/access/matrix.json](../schemas/access/matrix.json) by `make schemas`: change that file, not this
page. Edition {version}, in force from {from_}.

{note}
"""


def access_page(policy: Policy) -> str:
    """The whole page."""
    head = HEAD.format(version=policy.version, from_=policy.from_.isoformat(), note=policy.note)
    parts = [head, *_overview(policy), *_words(policy)]
    for rule in policy.relations.values():
        parts += [*_relation(rule)]
    return "\n".join(parts) + "\n"


def _overview(policy: Policy) -> Iterator[str]:
    yield "## At a glance\n"
    yield f"| relation | {' | '.join(STATES)} | history | acts |"
    yield f"|---|{'---|' * (len(STATES) + 2)}"
    for rule in policy.relations.values():
        opened = " | ".join(_brief(rule.reads.get(state)) for state in STATES)
        yield f"| {rule.title} | {opened} | {'yes' if 'history' in rule.shows else ''} | {_acts(rule)} |"
    yield "\nAll: every section. Own: only the party's own items.\n"


def _words(policy: Policy) -> Iterator[str]:
    yield "## The words\n"
    yield "| state of a text | meaning |\n|---|---|"
    yield from (f"| {state} | {meaning} |" for state, meaning in policy.states.items())
    yield "\n| withheld | meaning |\n|---|---|"
    yield from (f"| {name} | {meaning} |" for name, meaning in policy.withholdings.items())
    yield "\n| role | who | acts as |\n|---|---|---|"
    yield from (f"| {name} | {role.title} | {role.acts_as or name} |" for name, role in policy.roles.items())
    sensitive = policy.location_sensitive
    withheld, hidden = ", ".join(sorted(sensitive.withholds)), " and ".join(sorted(sensitive.hides))
    yield f"\n**{sensitive.title}.** {sensitive.who} Withheld: {withheld}. Not shown at all: {hidden}.\n"
    yield "## The relations\n"


def _relation(rule: RelationRule) -> Iterator[str]:
    yield f"### {rule.title}\n"
    yield f"{rule.who}\n"
    yield f"- From: {rule.since}"
    yield f"- Until: {rule.until}"
    yield f"- Law: {'; '.join(rule.law)}. Basis: `{rule.gateway}`{', or as recorded' if rule.as_recorded else ''}."
    yield f"- Roles: {', '.join(sorted(rule.roles))}"
    if rule.organisations:
        yield f"- Organisations: {', '.join(sorted(rule.organisations))}"
    yield f"- Acts: {_acts(rule) or 'none'}{'; on its own matters only' if rule.own_only else ''}"
    yield f"- Also shown: {', '.join(sorted(rule.shows)) or 'nothing'}"
    yield f"- Listed and found: {'yes' if rule.lists else 'no, opened by its id alone'}\n"
    yield f"| text | {' | '.join(SECTION_KEYS)} | withheld |"
    yield f"|---|{'---|' * (len(SECTION_KEYS) + 1)}"
    for state in STATES:
        if state in rule.reads:
            reading = rule.reads[state]
            cells = " | ".join(_cell(reading, section) for section in SECTION_KEYS)
            yield f"| {state} | {cells} | {', '.join(sorted(reading.withholds))} |"
    yield ""


def _brief(reading: Reading | None) -> str:
    if reading is None:
        return ""
    if reading.sections >= set(SECTION_KEYS):
        return "all"
    shown = [f"{section} own" if section in reading.own else section for section in SECTION_KEYS]
    return " ".join(cell for section, cell in zip(SECTION_KEYS, shown, strict=True) if section in reading.sections)


def _cell(reading: Reading, section: str) -> str:
    return "" if section not in reading.sections else "own" if section in reading.own else "x"


def _acts(rule: RelationRule) -> str:
    return "all" if "*" in rule.acts else ", ".join(sorted(rule.acts))
