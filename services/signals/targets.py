"""Where a subscription leads to: what each channel needs to be told, and what it can't be told."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from msgspec import Struct

from connectors.nhs.mns import mesh_target
from connectors.webhooks.addresses import ANY_HOST, AddressRefused, Network, check_target
from services.errors import Fault, InvalidContent
from services.signals.subscribed import FEED, KAFKA, MESH, WEBHOOK

JsonObject = dict[str, Any]


class Targets(Struct, frozen=True):
    """Where messages may go: to `hosts`, into `networks` that aren't public, and into these `topics` of recipients."""

    networks: Sequence[Network] = ()
    hosts: Collection[str] = ANY_HOST
    topics: Mapping[str, str] = {}

    def check(self, body: JsonObject, recipient: str) -> None:
        """Whether what is asked for leads somewhere. Raises InvalidContent."""
        channel, target = body["channel"], body.get("target")
        if channel == FEED and target is not None:
            raise invalid("/target", "The feed is asked for: it has no target.", "target")
        if channel == MESH and not recipient.startswith("ods:"):
            raise invalid("/channel", "MESH is for bodies of the NHS.", "channel")
        if channel == MESH and mesh_target(target or "") is None:
            raise invalid("/target", "A mailbox is written mesh://MAILBOX?workflow_id=WORKFLOW.", "target")
        if channel == WEBHOOK:
            try:
                check_target(target or "", self.networks, self.hosts)
            except AddressRefused as fault:
                raise invalid("/target", str(fault), "target") from None
        if channel == KAFKA:
            self._check_topic(body, recipient)

    def _check_topic(self, body: JsonObject, recipient: str) -> None:
        if recipient not in self.topics:
            text = "Your organisation has no topic in Kafka: whoever runs this platform gives it one."
            raise invalid("/channel", text, "channel")
        for field in body.keys() - {"channel"}:
            text = "A topic has a name, and everything that your organisation is told: say no more than the channel."
            raise invalid(f"/{field}", text, field)


def invalid(pointer: str, text: str, rule: str) -> InvalidContent:
    """The refusal of one place of what was sent."""
    return InvalidContent((Fault(pointer=pointer, text=text, rule=rule),))
