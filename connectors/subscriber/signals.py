"""A signal as a subscriber reads it: the same from a topic, the feed or a webhook."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

_BINARY: Final = "ce_"


class Malformed(ValueError):
    """A record that is no signal of the platform."""


class Signal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """What a signal says. `subject` is the plan's id; `dataref` is empty when there is nothing to fetch any more."""

    id: str
    type: str
    source: str
    subject: str
    time: str
    versionid: str
    recipientsequence: int
    specversion: str = "1.0"
    dataref: str = ""

    @property
    def version(self) -> int:
        """`versionid` as the number by which signals about one plan are ordered."""
        return int(self.versionid)

    @property
    def record(self) -> bytes:
        """The signal as JSON, as `signal_of` reads it."""
        return msgspec.json.encode(self)


def signal_of(value: bytes | None, headers: Sequence[tuple[str, bytes]] = ()) -> Signal:
    """The signal in a record: a CloudEvent as JSON, or its attributes as headers. Raises Malformed."""
    stated = {name.removeprefix(_BINARY): text.decode() for name, text in headers if name.startswith(_BINARY)}
    try:
        return _checked(stated if "id" in stated else msgspec.json.decode(value or b""))
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError, ValueError) as error:
        raise Malformed(type(error).__name__) from None


def signal_from(event: Mapping[str, Any]) -> Signal:
    """The signal in a decoded CloudEvent. Raises Malformed."""
    try:
        return _checked(event)
    except (msgspec.ValidationError, ValueError) as error:
        raise Malformed(type(error).__name__) from None


def _checked(event: Any) -> Signal:
    signal = msgspec.convert(event, Signal, strict=False)
    if signal.version < 0 or signal.recipientsequence < 1:
        raise ValueError("numbers out of range")
    return signal
