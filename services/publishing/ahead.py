"""Whether the cluster knows more of the record than the record itself: looked at when a process starts.

Kafka may be away, and a start mustn't hang on it. What isn't answered within a few seconds is found out later all the
same: the look goes on by itself.
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from connectors.kafka.errors import KafkaRefused, KafkaUnavailable
from connectors.kafka.positions import Position
from services.publishing.source import LogBehind, Source

PATIENCE: Final = 3.0
"""How many seconds a start waits for the cluster's answer."""

_log = logging.getLogger(__name__)


class Ahead:
    """Holds the positions that the cluster keeps against the logs."""

    def __init__(self, sources: Sequence[Source], positions: Callable[[], Mapping[str, Position]]) -> None:
        """`positions` asks the cluster how far each log is published. Raises KafkaUnavailable, KafkaRefused."""
        self._sources = sources
        self._positions = positions

    def look(self, refuse: Callable[[str], None], *, patience: float = PATIENCE) -> None:
        """Call `refuse` with each log of which the cluster knows more, now or as soon as the cluster has answered."""
        looking = threading.Thread(target=self._compare, args=(refuse,), name="kafka-ahead", daemon=True)
        looking.start()
        looking.join(patience)

    def _compare(self, refuse: Callable[[str], None]) -> None:
        try:
            places = self._positions()
        except (KafkaUnavailable, KafkaRefused) as error:
            _log.warning("it isn't known whether Kafka is ahead of the record: %s", type(error).__name__)
            return
        for source in self._sources:
            try:
                source.check(places.get(source.name, Position()))
            except LogBehind as behind:
                refuse(f"Kafka knows more of {source.name} than the record: {behind}")
