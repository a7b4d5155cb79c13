"""No topic shows a word of a child: what Kafka's own console consumer prints of all of them is searched."""

from base64 import b64encode
from pathlib import Path

import pytest

from deploy.local.kafka import PLATFORM
from services.demo import load_demonstration
from tests.services.projection.test_privacy import demonstration_words
from tests.services.publishing.conftest import Publishers, publish_all
from tests.support.published import Installation
from tests.support.serving import serving


def test_no_dump_of_a_topic_holds_a_word_of_the_demonstration_children(
    tmp_path: Path, installation: Installation, publisher: Publishers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EHCP_KAFKA_CREDENTIALS", str(installation.broker.credentials(PLATFORM)))
    words = demonstration_words()
    assert {"marshbanks", "silverdale", "9990000026"} <= words
    with serving(tmp_path) as served:
        load_demonstration(served.platform)
        head = served.platform.store.head()[0]
        for states in (False, True):
            publish_all(publisher(served.platform.store, installation, states=states))
    everything = ["print.timestamp=true", "print.key=true", "print.headers=true"]
    shown = [word for name in everything for word in ("--property", name)]
    for topic, number in (("plan-events.v1", head), ("plan-state.v1", 3), ("publisher-position.v1", 2)):
        dump = installation.console(topic, number, *shown).lower()
        assert dump.count("createtime:") == number, topic
        found = [word for word in words if word in dump or b64encode(word.encode()).decode()[:-4].lower() in dump]
        assert not found, topic
