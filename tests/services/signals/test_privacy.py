"""No word of a child in any signal: not in a row, a feed answer, a webhook's body, header or address."""

import asyncio
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from services.demo import load_demonstration
from services.signals.delivering import Delivering
from services.signals.subscribed import Secrets
from services.signals.tables import metadata
from services.signals.webhooks import Webhooks
from tests.services.projection.test_privacy import demonstration_words
from tests.services.signals.test_bootstrap import quiet
from tests.services.signals.test_feed import told
from tests.support.serving import Serving, serving

#: Words of the platform's own that also stand in the demonstration's texts.
OURS = frozenset({"school", "health", "assessment", "requested", "review", "provision", "subscriber"})


class Wire:
    """Whatever would go over the network."""

    def __init__(self) -> None:
        self.sent: list[Any] = []

    async def send(self, *sent: Any) -> None:
        self.sent.append(sent)


def everything(platform: Serving) -> dict[str, str]:
    """What signals keep and send, by where it is."""
    signals, wire = platform.platform.signals, Wire()
    callers = [platform.officer(code) for code in ("855", "936")]
    callers += [platform.as_("health", code) for code in {r for r in signals.outbox.heads() if r.startswith("ods:")}]
    callers += [platform.as_("school", code) for code in {r for r in signals.outbox.heads() if r.startswith("urn:")}]
    answers = [caller.get("/v1/feed", after=0, limit=500) for caller in callers]
    signals.delivering.stop()
    for caller in callers:
        body = {"channel": "webhook", "target": "https://subscriber.example/signals", "after": 0}
        assert caller.post("/v1/subscriptions", body).status_code == 201
    secrets, made, clock = Secrets(platform.platform.store.index), platform.platform, lambda: datetime.now(UTC)
    channels = {"webhook": Webhooks(signals.database, secrets, wire, clock)}
    delivering = Delivering(
        signals.database, signals.outbox, signals.feed, made.disclosures, channels, clock, random.Random(1)
    )
    for one in delivering.waiting():
        asyncio.run(delivering.deliver(one))
    with signals.database.reading() as connection:
        tables = {t.name: str(connection.execute(select(t)).all()) for t in metadata.sorted_tables}
    assert sum(answer.json()["last"] for answer in answers) == len(wire.sent) > 5
    feeds = str([(answer.url, answer.headers, answer.text) for answer in answers])
    return {**tables, "feed": feeds, "webhooks": str(wire.sent)}


def test_no_word_of_the_demonstration_children_is_kept_or_sent(tmp_path: Path) -> None:
    words = demonstration_words() - OURS
    assert {"marshbanks", "silverdale", "9990000026"} <= words
    with serving(tmp_path) as platform:
        load_demonstration(platform.platform)
        assert told(platform.officer(), 1)
        quiet(platform)
        found = everything(platform)
    for place, content in found.items():
        assert [word for word in sorted(words) if word in content.lower()] == [], place
