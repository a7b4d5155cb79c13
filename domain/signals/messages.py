"""What became of messages in MESH: the events of the log of deliveries, in the clear. Instants have an offset.

`message` is MESH's own id of a message; `subscription` and `number` lead to the signal that it carried, for whoever may
see that. No plan is named here and no child: the NHS number that the message held is nowhere kept.
"""

from datetime import datetime
from typing import Final, TypeAlias

from msgspec import Struct

from domain.clear_events import ClearEvents


class MessageSent(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """MESH has taken the message for a mailbox. `moved`: it was on record before there was this log."""

    message: str
    subscription: str
    number: int
    at: datetime
    moved: bool = False


class MessageAcknowledged(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """The recipient has collected the message, at that instant by MESH's own account."""

    message: str
    subscription: str
    number: int
    at: datetime
    moved: bool = False


class MessageNotDelivered(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Nobody has collected the message within five days, by MESH's report; `code` is MESH's own."""

    message: str
    subscription: str
    number: int
    at: datetime
    code: str
    moved: bool = False


MessageEvent: TypeAlias = MessageSent | MessageAcknowledged | MessageNotDelivered

EVENTS: Final = ClearEvents[MessageEvent](
    "delivery",
    {
        "ehcp.delivery.message-sent.v1": MessageSent,
        "ehcp.delivery.message-acknowledged.v1": MessageAcknowledged,
        "ehcp.delivery.message-not-delivered.v1": MessageNotDelivered,
    },
)
"""Every event of the log of deliveries by its public name."""
