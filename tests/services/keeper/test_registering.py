"""A record's first row in the register: made from the event alone, it says what the folded state says."""

import random
from datetime import date

import pytest

from domain.plan.acts import RECORD
from domain.plan.state import PlanState
from services.keeper.registering import opening_change, register_change
from services.store.blind_index import BlindIndex
from services.store.values import RegisterChange
from tests.trials.lives import Life, rules

OPENING = sorted(name for name, spec in rules().catalogue.acts.items() if spec.opens)
SOURCE = {"sha256": "ab" * 32, "mediaType": "application/json", "line": 7}


class Plainly:
    """Identifiers as they are, so that a difference can be read."""

    def keyed_hash(self, key_id: str, purpose: str, value: str) -> bytes:
        """The key, the purpose and the value, side by side."""
        return f"{key_id} {purpose} {value}".encode()


INDEX = BlindIndex(Plainly(), lambda: (1, 2))


@pytest.mark.parametrize("act", OPENING)
@pytest.mark.parametrize("seed", range(30))
def test_the_first_row_is_that_of_the_state_that_the_event_leads_to(act: str, seed: int) -> None:
    life = Life(random.Random(seed), date(2026, 11, 2))
    asked = life.act(rules().catalogue.acts[act], RECORD, life.today, lawful=bool(seed % 3))
    told = {"sourceFile": SOURCE, "localReference": "SEN 41"} if act == "import-baseline" else {}
    asked.data.update({**told, "child": {**_child(seed), **asked.data.get("child", {})}})
    before = PlanState(plan_id=life.state.plan_id, maintaining_la="855")
    life.store(asked, life.decide(asked))
    made = opening_change(before, life.events[0], INDEX)
    assert _row(made) == _row(register_change(life.state, INDEX, before))


def _child(seed: int) -> dict[str, object]:
    identifiers = {"nhsNumber": "9990000018", "formerUpns": ["B800299800001"], "upn": "A800299800001"}
    return {
        "name": "Fictional Child",
        "dateOfBirth": "2015-03-04",
        "identifiers": dict(list(identifiers.items())[: seed % 4]),
        "formerIdentifiers": {
            "former-1": {"scheme": "nhsNumber", "value": "9990000026", "reason": ("REPLACED", "CORRECTED")[seed % 2]}
        },
    }


def _row(change: RegisterChange) -> tuple[object, ...]:
    return change.plan, change.council, change.phase, change.version, change.retired_into, set(change.matches or ())
