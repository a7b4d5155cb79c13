"""A plan that isn't the caller's and one that isn't there: the same work, however much there is of the plan.

Times are compared by the bench (`unknown-vs-hidden`); here is what they would come from.
"""

import gc
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4
from weakref import ref

import pytest

from domain.access import Access, relations
from services.store.values import PLAN_LOG
from tests.support.life import Life
from tests.support.serving import serving


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def life(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    address = str(request.getfixturevalue("migrated")) if request.param == "postgresql" else ""
    with serving(tmp_path, database_url=address) as served:
        yield Life(served).finalised()


def during(life: Life, plan: str, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int, int]:
    """What a stranger's refused read of a plan takes: decisions, readings of streams, and rows that came of them."""
    replay = life.serving.platform.store._backend.replay  # noqa: SLF001 - what no interface tells
    decided, came = [0], list[int]()

    def counting(work: Callable[..., Any], done: Callable[[Any], None]) -> Callable[..., Any]:
        def counted(*given: Any, **more: Any) -> Any:
            found = work(*given, **more)
            done(found)
            return found

        return counted

    with monkeypatch.context() as patched:
        patched.setattr(Access, "decide_read", counting(Access.decide_read, lambda _: decided.append(1)))
        patched.setattr(replay, "stream", counting(replay.stream, lambda rows: came.append(len(rows))))
        assert life.serving.officer("936").get(f"/v1/plans/{plan}").status_code == 404
    return sum(decided), len(came), sum(came)


def test_as_much_is_decided_and_read_of_a_plan_in_memory_as_of_none(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    life.serving.officer("936").get(f"/v1/plans/{uuid4()}")  # the first refusal ever opens the record of them
    assert len(life.serving.platform.store.read_stream(PLAN_LOG, UUID(life.plan_id))) > 3
    assert life.serving.platform.plans.remembered(UUID(life.plan_id)) is not None
    hidden, nowhere = (during(life, plan, monkeypatch) for plan in (life.plan_id, str(uuid4())))
    assert hidden == nowhere == (1, 1, 0)


def test_the_relations_of_a_state_are_made_once_and_forgotten_with_it(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = list[str]()
    source = relations._relations  # noqa: SLF001

    def counted(state: Any) -> Any:
        made.append(state.plan_id)
        return source(state)

    monkeypatch.setattr(relations, "_relations", counted)
    plan = UUID(life.plan_id)
    life.serving.platform.plans.forget(plan)
    life.read(life.officer)
    life.officer.get("/v1/plans")  # the lists have come as far, by relations of their own
    made.clear()
    for _ in range(3):
        life.read(life.officer)
        life.serving.officer("936").get(life.path)
    assert made == []
    remembered = life.serving.platform.plans.remembered(plan)
    assert remembered is not None
    state = ref(remembered)
    del remembered
    life.serving.platform.plans.forget(plan)
    gc.collect()
    assert state() is None
