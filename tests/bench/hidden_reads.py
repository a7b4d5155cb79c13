"""A plan that isn't the caller's against one that isn't there: who is refused must not tell them apart by the time.

The same load as for reads that are recorded; every answer is a 404, and on record as one.
"""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from uuid import uuid4

from connectors.identity.tokens import Principal
from tests.bench.disclosed_reads import rate
from tests.bench.http_acts import CONNECTIONS, PLANS_EACH, Place, served_by
from tests.bench.measuring import Row, alternate
from tests.bench.setting import Bench

STRANGER = Principal(subject="stranger", organisation="la:936", role="case-officer")


def hidden_read_rows(bench: Bench) -> Iterator[Row]:
    """Refusals a second, on both databases."""
    for database in ("postgresql", "sqlite"):
        with ExitStack() as opened:
            folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
            kept = (
                opened.enter_context(bench.database()) if database == "postgresql" else f"sqlite:///{folder}/r.sqlite"
            )
            place = Place(kept, folder)
            hidden = place.open_plans(CONNECTIONS * PLANS_EACH)
            nowhere = [str(uuid4()) for _ in hidden]
            token = place.token_of(STRANGER)
            port = opened.enter_context(served_by(place, 1))
            works = [partial(rate, port, bench.size(4, 1), token, plans, "", 404) for plans in (hidden, nowhere)]
            for work in works:
                work()  # once before it counts: caches fill, connections open
            there, not_there = alternate(*works, bench.rounds)
        yield Row(
            id=f"unknown-vs-hidden-{database}",
            ours=there,
            reference=not_there,
            unit="refusals/s",
            rounds=bench.rounds,
            at_least=0.9,
        )
