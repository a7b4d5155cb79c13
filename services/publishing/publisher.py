"""One log on its way into topics: where it stands, and the next batch."""

import time

from connectors.kafka.errors import KafkaRefused, KafkaUnavailable, SupersededError
from connectors.kafka.positions import START, Position
from services.publishing import figures
from services.publishing.durable import Durable
from services.publishing.source import LogBehind, Source, Writer

AWAY = (KafkaUnavailable, KafkaRefused, SupersededError, LogBehind)
"""Why a step was not done: the cluster is away, has refused us, has another writer, or knows more than the log."""


class Publisher:
    """Puts one log into topics, batch by batch. Not for several threads."""

    def __init__(self, source: Source, writer: Writer, durable: Durable) -> None:
        """Nothing is touched before the first step."""
        self._source = source
        self._writer = writer
        self._durable = durable
        self._position = START
        self._end = 0

    @property
    def name(self) -> str:
        """The log's name."""
        return self._source.name

    @property
    def position(self) -> Position:
        """How far the topics were when this process last knew."""
        return self._position

    @property
    def behind(self) -> int:
        """How many events were not in the topics yet when this process last looked."""
        return max(0, self._end - self._position.position)

    def step(self) -> bool:
        """Publish the next batch; false when there is none at the moment. Raises one of AWAY."""
        upto = self._durable.position()
        self._end = self._source.end(upto)
        figures.lag(self.name, self._end, self._position.position)
        if not self._writer.is_started:
            self._start()
        batch = self._source.batch(self._position, upto)
        if batch is None:
            return False
        began = time.monotonic()
        self._writer.publish(batch.records, batch.position)
        self._position = batch.position
        figures.published(self.name, batch.events, time.monotonic() - began)
        figures.lag(self.name, self._end, self._position.position)
        return True

    def close(self) -> None:
        """Let go of the cluster; a later step starts again from what it has."""
        self._writer.close()

    def _start(self) -> None:
        position = self._writer.start()
        try:
            self._source.check(position)
        except LogBehind:
            self._writer.close()
            raise
        self._position = position
