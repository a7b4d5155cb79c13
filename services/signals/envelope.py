"""What a signal says: a CloudEvent in the shape of NHS England's Multicast Notification Service, and nothing personal.

The subject is the plan's random id. `dataref` is the address at which the recipient fetches exactly what the signal is
about: that text, as it was known at the signal's position of the log. `recipientsequence` is gapless for each
recipient: a gap is a signal that was missed. `versionid` is the same position: it never falls within a plan, what has a
lower one is older news, and of two with the same the later `recipientsequence` counts. It is not the plan's own count
of events, which would tell of those that the recipient may not know of.
"""

from typing import Final

from msgspec import Struct

from domain.signals.types import WITHDRAWN
from services.signals.outbox import Signal

MEDIA_TYPE: Final = "application/cloudevents+json"


class CloudEvent(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A signal as it is sent. Lower-case names, as CloudEvents has them."""

    specversion: str
    id: str
    source: str
    type: str
    subject: str
    time: str
    versionid: str
    recipientsequence: int
    dataref: str = ""


def cloud_event(signal: Signal, source: str, base_url: str) -> CloudEvent:
    """What is sent of a signal. `base_url` is the address of this platform's API."""
    return CloudEvent(
        specversion="1.0",
        id=str(signal.id),
        source=source,
        type=signal.type,
        subject=str(signal.plan),
        time=signal.time.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        versionid=str(signal.position),
        recipientsequence=signal.number,
        dataref=_reference(signal, base_url),
    )


def withdrawn(event: CloudEvent) -> CloudEvent:
    """The same signal for a recipient that may not follow the plan any more: only that."""
    return CloudEvent(
        specversion=event.specversion,
        id=event.id,
        source=event.source,
        type=WITHDRAWN,
        subject=event.subject,
        time=event.time,
        versionid=event.versionid,
        recipientsequence=event.recipientsequence,
    )


def _reference(signal: Signal, base_url: str) -> str:
    if signal.type == WITHDRAWN:
        return ""
    text = f"version={signal.version}&" if signal.version else f"draft={signal.draft}&" if signal.draft else ""
    return f"{base_url.rstrip('/')}/v1/plans/{signal.plan}?{text}knownAt={signal.position}"
