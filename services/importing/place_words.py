"""Says in a case officer's words which place of a plan a notice of the Word reader means."""

import re

from connectors.documents.labels import section_name

_STEP = re.compile(r"(?P<name>\w+)(?:\[(?P<index>\d+)\])?")
_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NAMES = {
    "parent1": "parent or carer 1",
    "parent2": "parent or carer 2",
    "gpAndKeyHealthProfessional": "GP and key health professional",
    "nhsNumber": "NHS number",
    "knownToSocialCare": "known to social care",
    "currentlyLookedAfter": "currently looked after",
    "hasBeenLookedAfter": "has been looked after",
    "movingFromDifferentLA": "moving from a different council",
    "email": "e-mail",
    "from": "who from",
    "h1": "H1",
    "h2": "H2",
}
_SILENT = {"areas", "text"}


def place_in_words(path: str) -> str:
    """Return a place as people say it: "cognition and learning, row 2, outcome" for ``areas.….rows[1].outcome``.

    Rows and entries count from 1, blank rows of the form left out. What is no such path (a JSON pointer) stays.
    """
    if not path or path.startswith("/"):
        return path
    return ", ".join(_step_in_words(match) for match in _STEP.finditer(path) if match["name"] not in _SILENT)


def _step_in_words(match: re.Match[str]) -> str:
    name = match["name"]
    if name == "rows":
        return f"row {int(match['index']) + 1}"
    known = section_name(name) or section_name(f"area:{name}") or _NAMES.get(name)
    words = known or _CAPITAL.sub(" ", name).lower()
    return f"{words}, entry {int(match['index']) + 1}" if match["index"] else words
