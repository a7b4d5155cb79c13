"""What counts on a day follows from the adoption log alone, whatever was adopted in whichever order."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.rules import EVERY_COUNCIL, AdoptedBy, AdoptionRefused, Adoptions, AdoptionWithdrawn, RulesAdopted, Timeline
from domain.rules.events import Said

BY = AdoptedBy(organisation="platform", role="service")
FIRST = date(2026, 1, 1)
DAYS = st.integers(0, 30).map(lambda days: FIRST + timedelta(days=days))
SCHEDULE, HOLIDAYS = "retention-schedule", "bank-holidays"


def adopted(
    edition: str, on: date, council: str = EVERY_COUNCIL, kind: str = SCHEDULE, sha: str = "ab"
) -> RulesAdopted:
    return RulesAdopted(
        kind=kind, edition=edition, sha256=sha * 32, in_force_from=on, council=council, adopted_by=BY, source="A test"
    )


def withdrawn(position: int, council: str = EVERY_COUNCIL, kind: str = SCHEDULE) -> AdoptionWithdrawn:
    return AdoptionWithdrawn(
        adoption=position, kind=kind, edition="e", council=council, withdrawn_by=BY, because="It was wrong"
    )


def log(*said: Said) -> Adoptions:
    adoptions = Adoptions()
    for position, one in enumerate(said, 1):
        adoptions.take(position, position * 1_000, one)
    return adoptions


def edition(adoptions: Adoptions, on: date, council: str = EVERY_COUNCIL, upto: int | None = None) -> str | None:
    found = adoptions.in_force(SCHEDULE, on, council, upto)
    return found.said.edition if found else None


WORDS = st.lists(
    st.one_of(
        st.builds(lambda day, council: ("adopt", day, council), DAYS, st.sampled_from([EVERY_COUNCIL, "855"])),
        st.builds(lambda place: ("withdraw", place), st.integers(1, 12)),
    ),
    max_size=12,
)


def said_of(words: list[tuple[object, ...]]) -> list[Said]:
    said: list[Said] = []
    for number, word in enumerate(words, 1):
        if word[0] == "adopt":
            said.append(adopted(f"e{number}", word[1], str(word[2])))  # type: ignore[arg-type]
            continue
        before = [n for n, one in enumerate(said, 1) if isinstance(one, RulesAdopted)]
        if before:
            position = before[int(str(word[1])) % len(before)]
            said.append(withdrawn(position, said[position - 1].council))
    return said


@given(WORDS, DAYS, st.sampled_from([EVERY_COUNCIL, "855", "888"]), st.integers(0, 12))
def test_of_those_in_force_the_last_of_the_log_counts_and_a_councils_own_before_that_of_all(
    words: list[tuple[object, ...]], on: date, council: str, upto: int
) -> None:
    said = said_of(words)
    known = said[:upto]
    gone = {one.adoption for one in known if isinstance(one, AdoptionWithdrawn)}
    expected = None
    for whose in (EVERY_COUNCIL, council):
        standing = [
            one.edition
            for position, one in enumerate(known, 1)
            if isinstance(one, RulesAdopted) and position not in gone
            and one.council == whose and one.in_force_from <= on
        ]  # fmt: skip
        expected = standing[-1] if standing else expected
    assert edition(log(*said), on, council, upto) == expected
    assert edition(log(*known), on, council) == expected


@given(st.lists(st.tuples(DAYS, st.integers())), DAYS)
def test_a_timeline_says_what_was_said_last_of_what_counts_by_then(said: list[tuple[date, int]], on: date) -> None:
    counting = [value for day, value in said if day <= on]
    timeline = Timeline(said)
    assert timeline.on(on) == (counting[-1] if counting else None)
    if said:
        assert timeline.at(on) == (counting[-1] if counting else timeline.values[0])


def test_an_edition_is_never_changed_and_what_is_said_already_isnt_said_again() -> None:
    known = log(adopted("2026", FIRST))
    assert not known.require_new(adopted("2026", FIRST))
    assert known.require_new(adopted("2026", FIRST + timedelta(days=1)))
    assert known.require_new(adopted("2027", FIRST, sha="cd"))
    assert known.require_new(adopted("2026", FIRST, council="855", sha="cd"))
    with pytest.raises(AdoptionRefused, match="never changed"):
        known.require_new(adopted("2026", FIRST, sha="cd"))
    gone = log(adopted("2026", FIRST), adopted("2027", FIRST), withdrawn(1))
    with pytest.raises(AdoptionRefused, match="never changed"):
        gone.require_new(adopted("2026", FIRST, sha="cd"))


def test_only_what_is_a_councils_to_decide_has_editions_of_a_council() -> None:
    with pytest.raises(AdoptionRefused, match="every council"):
        log().require_new(adopted("2026", FIRST, council="855", kind=HOLIDAYS))
    with pytest.raises(AdoptionRefused, match="no kind of rules"):
        log().require_new(adopted("2026", FIRST, kind="weather"))


def test_a_withdrawal_names_an_adoption_that_stands_and_leaves_one_for_every_council() -> None:
    known = log(adopted("2026", FIRST), adopted("own", FIRST, "855"), adopted("2027", FIRST), withdrawn(3))
    assert known.require_standing(2).said.edition == "own"
    for position, why in ((1, "only edition"), (3, "withdrawn already"), (9, "Nothing was adopted"), (4, "Nothing")):
        with pytest.raises(AdoptionRefused, match=why):
            known.require_standing(position)
