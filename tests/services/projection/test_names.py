"""The many ways to write one name, and names that are not the same."""

import pytest

from services.projection.names import asked_tokens, sounds, tokens


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("Siân O'Brien", "SIAN OBRIEN"),
        ("Siân O\u2019Brien", "sia\u0302n o`brien"),
        ("Anne-Marie Marsh\u2011Banks", "anne marie marsh-banks"),
        ("Anne-Marie Marsh-Banks", "annemarie marshbanks"),
        ("\uff21\uff4c\uff45\uff44 Ottershaw", "aled"),
        ("Straße Weiß", "strasse WEISS"),
        ("Zoë  Ürün ", "zoe urun"),
        ("Łukasz Søren", "lukasz soren"),
        ("D'Arcy St. John", "darcy st john"),
    ],
)
def test_a_name_is_found_however_it_is_written(stored: str, asked: str) -> None:
    assert asked_tokens(asked) <= tokens(stored)


@pytest.mark.parametrize(("stored", "asked"), [("Aled Ottershaw", "Alan"), ("Marshbanks", "Marsh"), ("Ann", "Anna")])
def test_another_name_is_not_found(stored: str, asked: str) -> None:
    assert not asked_tokens(asked) <= tokens(stored)


@pytest.mark.parametrize(
    ("stored", "heard"),
    [("Catherine", "Kathryn"), ("Stephen", "Steven"), ("Smyth", "Smith"), ("Silverdale", "Sylverdayl"), ("Zoë", "Zoe")],
)
def test_a_name_is_found_by_its_sound(stored: str, heard: str) -> None:
    assert sounds(asked_tokens(heard)) <= sounds(tokens(stored))
    assert not sounds(asked_tokens("Penhallow")) <= sounds(tokens(stored))


def test_a_name_of_signs_only_has_no_words() -> None:
    assert tokens(" - ' . ") == frozenset()
    assert sounds(tokens("王")) == frozenset()
