"""`ehcp plan entitled`: what could somebody see of a plan on a day, with the relation, the basis and the policy."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import typer
from rich.markup import escape

from services.cli.plans import AsJson, PlanId, read
from services.cli.talk import console, result

#: What each answer is about, in words.
KNOWN: Final[Mapping[str, str]] = {
    "asKnownThen": "By what was on record at the end of that day",
    "asKnownNow": "By what is on record now",
    "asKnownAt": "By what was on record at that moment",
}


def entitled(
    plan_id: PlanId,
    org: Annotated[str, typer.Option(help="urn:199101, ukprn:10099801, ods:QJK, la:855 or contact:contact-1.")],
    on: Annotated[str, typer.Option(help="The date (YYYY-MM-DD) that is asked about.")],
    known_at: Annotated[str | None, typer.Option(help="A log position or instant: what was on record then.")] = None,
    json: AsJson = False,
) -> None:
    """Print what a school, health body, council or contact could see of a plan on a day, and why."""
    view = read(plan_id, "/entitlements", organisation=org, on=on, knownAt=known_at)
    if json:
        result(view)
        return
    for answer in view["answers"]:
        _print(answer)


def _print(answer: Mapping[str, Any]) -> None:
    console.print(f"[bold]{KNOWN[answer['known']]}[/] (policy {answer['policy']}, {answer['policySha256'][:12]})")
    console.print(f"  {'Could see it' if answer['allowed'] else 'Could not see it'}. {escape(answer['reason'])}")
    for role in answer.get("roles", ()):
        console.print(f"  As {role['role']}, {role['relation']}, under {role['gateway']}:")
        for text in role["texts"]:
            version, without = text["version"], ", ".join(text.get("withheld", ()))
            console.print(
                f"    {version['kind']} {version['number']} of {version['effectiveOn']}: "
                f"{' '.join(text['sections'])}{f' without {without}' if without else ''}"
            )
    for held in answer.get("relations", ()):
        console.print(f"  {held['relation']}: {held.get('since', 'always')} to {held.get('until', 'now')}")
