"""Codes, dates and names of fields in words; what somebody wrote is never touched."""

from typing import Any

import pytest

from services.subject_access.plain_words import PlainWords

WORDS = PlainWords({"la:855": "Leicestershire"})


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("la:855", "Leicestershire"),
        ("la:936", "la:936"),
        ("2026-07-14", "14 July 2026"),
        ("2026-07-14T23:30:00+00:00", "15 July 2026, 00:30"),
        ("2026-01-14T23:30:00.123456+00:00", "14 January 2026, 23:30"),
        ("2026-02-30", "2026-02-30"),
        ("2026-07-14T09:30 or so", "2026-07-14T09:30 or so"),
        ("PARENT_FOR_CHILD", "parent for child"),
        ("ASSESS", "assess"),
        ("EHCP", "EHCP"),
        ("cognitionAndLearning", "cognition and learning"),
        ("case-officer", "case officer"),
        ("contact-1", "contact-1"),
        (True, "yes"),
        (False, "no"),
        (3, "3"),
        ("Reads slowly on 2026-07-14", "Reads slowly on 2026-07-14"),
        ("[withheld]", "[withheld]"),
    ],
)
def test_a_value_in_words(said: Any, words: str) -> None:
    assert WORDS.value(said) == words


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("effectiveOn", "Effective on"),
        ("nhsNumber", "NHS number"),
        ("odsCode", "ODS code"),
        ("adviceId", "Advice id"),
        ("contact-1", "Contact-1"),
        ("B", "Section B: the child or young person\u2019s special educational needs"),
    ],
)
def test_the_name_of_a_field_in_words(name: str, words: str) -> None:
    assert WORDS.field(name).replace("'", "\u2019") == words
