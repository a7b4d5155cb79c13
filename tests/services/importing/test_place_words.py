"""A place in a report is said in the words of the form."""

import pytest

from services.importing.place_words import place_in_words


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("details.dateOfBirth", "personal details, date of birth"),
        ("details.parent2.homeAddress", "personal details, parent or carer 2, home address"),
        ("services.movingFromDifferentLA", "services currently involved, moving from a different council"),
        ("areas.cognitionAndLearning.rows[1].outcome", "cognition and learning, row 2, outcome"),
        ("areas.sensoryAndPhysical", "sensory and/or physical needs"),
        ("socialCare.rows[0].h1", "sections D, H1 and H2, row 1, H1"),
        ("a1.text", "section A1"),
        ("a2.views.text", "section A2, views"),
        ("placement", "section I"),
        ("advice[3].dateReceived", "section K, entry 4, date received"),
        ("signOff.date", "sign-off, date"),
        ("/sections/B/needs", "/sections/B/needs"),
        ("", ""),
    ],
)
def test_every_place_has_words(path: str, words: str) -> None:
    assert place_in_words(path) == words
