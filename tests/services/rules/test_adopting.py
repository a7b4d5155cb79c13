"""The adoption log on both databases: adopted once, found by everybody, and what it says is there years later."""

import threading
from datetime import date
from pathlib import Path

import pytest

from domain.rules import AdoptionRefused
from services.errors import ConfigurationError
from services.reference_data import SCHEMAS
from services.rules.editions import read_edition, shipped
from services.rules.first_start import adopt_first, not_adopted
from services.store.clear import check_clear
from services.store.errors import MalformedState
from services.store.values import ADOPTION_LOG
from tests.services.rules.conftest import Kept
from tests.services.rules.examples import OPERATOR, adoption, changed, newest
from tests.tools.freeze_rules import editions, freeze, frozen

ON = "2026-11-02"


def adopt(kept: Kept, edition_name: str, on: str, **members: object) -> int:
    edition = changed("retention-schedule", version=edition_name, **members)
    return kept.rules.adopt(adoption(edition, on), edition.content, actor="operator:test", on=ON).position


def test_a_new_installation_adopts_every_edition_of_its_release_once(kept: Kept) -> None:
    assert adopt_first(kept.rules, shipped(), ON) == len(shipped())
    assert adopt_first(kept.opened(), shipped(), ON) == 0
    found = [one.said for one in kept.opened().current().all()]
    assert [(said.kind, said.edition) for said in found] == [(e.kind, e.name) for e in shipped()]
    assert {(said.council, said.adopted_by.organisation) for said in found} == {("all", "platform")}
    assert not_adopted(kept.rules.current(), shipped()) == []
    for row in kept.store.rows(log=ADOPTION_LOG):
        check_clear(row[5])


def test_several_that_start_at_once_adopt_once(kept: Kept) -> None:
    made: list[int] = []
    several = [
        threading.Thread(target=lambda rules: made.append(adopt_first(rules, shipped(), ON)), args=(kept.opened(),))
        for _ in range(4)
    ]
    for thread in several:
        thread.start()
    for thread in several:
        thread.join()
    assert sorted(made) == [0, 0, 0, len(shipped())]
    assert kept.store.adoption.head() == len(shipped())


def test_a_newer_edition_that_a_release_brings_is_shipped_and_not_adopted(kept: Kept) -> None:
    adopt_first(kept.rules, shipped(), ON)
    newer = changed("access-matrix", version="2027-03", **{"from": "2027-03-01"})
    assert adopt_first(kept.rules, [*shipped(), newer], ON) == 0
    assert not_adopted(kept.rules.current(), [*shipped(), newer]) == [newer]
    assert kept.rules.current().in_force("access-matrix", date(2027, 6, 1)).said.edition == newest(newer.kind).name  # type: ignore[union-attr]


def test_law_that_was_edited_in_place_stops_the_start(kept: Kept) -> None:
    adopt_first(kept.rules, shipped(), ON)
    edited = changed("bank-holidays", title="Bank holidays, and one more")
    with pytest.raises(ConfigurationError, match=r"(?s)isn't what was adopted as bank-holidays .* never changed"):
        adopt_first(kept.opened(), [edited], ON)
    spaced = read_edition("bank-holidays", newest("bank-holidays").content.replace(b'":', b'" : '))
    assert adopt_first(kept.opened(), [spaced], ON) == 0


def test_what_was_adopted_is_read_again_though_no_release_ships_it(kept: Kept) -> None:
    own = changed("retention-schedule", version="leicestershire-2027", proposalDays=14)
    kept.rules.adopt(adoption(own, council="855"), own.content, actor="operator:test", on=ON)
    other = kept.opened()
    (found,) = other.current().all("retention-schedule", "855")
    assert other.edition(found.said).rules == own.rules
    assert other.edition(found.said).rules.proposal_days == 14


def test_the_same_isnt_said_twice_and_the_last_word_counts_and_can_be_withdrawn(kept: Kept) -> None:
    first = adopt(kept, "a", "2026-01-01")
    assert adopt(kept, "a", "2026-01-01") == first
    second = adopt(kept, "b", "2027-01-01", proposalDays=7)

    def counts(on: str, upto: int | None = None) -> str:
        found = kept.opened().current().in_force("retention-schedule", date.fromisoformat(on), upto=upto)
        return found.said.edition if found else ""

    assert [counts(on) for on in ("2025-12-31", "2026-12-31", "2027-01-01")] == ["", "a", "b"]
    withdrawn = {"because": "It was not decided", "by": OPERATOR, "actor": "operator:test", "on": ON}
    kept.rules.withdraw(second, **withdrawn)  # type: ignore[arg-type]
    assert (counts("2027-01-01"), counts("2027-01-01", upto=second)) == ("a", "b")
    with pytest.raises(AdoptionRefused, match="withdrawn already"):
        kept.rules.withdraw(second, **withdrawn)  # type: ignore[arg-type]
    with pytest.raises(AdoptionRefused, match="only edition"):
        kept.rules.withdraw(first, **withdrawn)  # type: ignore[arg-type]


def test_nothing_is_recorded_that_could_not_be_read_again(kept: Kept) -> None:
    edition = changed("retention-schedule", version="../../etc")
    with pytest.raises(AdoptionRefused, match="can't be recorded"):
        kept.rules.adopt(adoption(edition), edition.content, actor="operator:test", on=ON)
    assert kept.store.adoption.head() == 0


def test_content_that_was_lost_or_altered_is_noticed(kept: Kept) -> None:
    own = changed("retention-schedule", version="lost")
    with pytest.raises(MalformedState, match="is missing"):
        kept.rules.edition(adoption(own))
    kept.store.rules_content.keep([own.content])
    assert kept.store.rules_content.read(own.sha256) == own.content
    assert kept.rules.edition(adoption(own)).content == own.content


def test_bank_holidays_and_clock_tables_lie_here_in_several_editions(tmp_path: Path) -> None:
    editions = [edition.name for edition in shipped() if edition.kind == "bank-holidays"]
    assert editions == ["england-bank-holidays-2022-06", "england-bank-holidays-2026-11"]
    assert {edition.kind for edition in shipped() if edition.file.startswith("schemas/clocks")} == {
        "clock-table",
        "clock-relaxation",
    }
    (tmp_path / "list.json").write_bytes((SCHEMAS / "clocks/england-2014.json").read_bytes())
    with pytest.raises(ValueError, match=r"list\.json"):
        read_edition("bank-holidays", (tmp_path / "list.json").read_bytes(), "list.json")


def test_an_edition_that_was_shipped_is_never_changed_and_none_is_forgotten() -> None:
    assert editions() == frozen(), "see tests/tools/freeze_rules.py"


def test_what_is_frozen_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "editions.json"
    assert freeze(path) == list(editions())
    path.write_text(path.read_text().replace(newest("gateways").sha256, "ab" * 32))
    assert freeze(path) == []
    assert frozen(path)[f"gateways {newest('gateways').name}"] == "ab" * 32
