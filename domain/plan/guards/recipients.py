"""Who is sent something: an explicit list of contacts, none of whom is barred (reg 17)."""

from collections.abc import Iterator

from domain.errors import Breach
from domain.plan.context import Context
from domain.plan.guards.registry import guard

LAW = "reg 17(1); Children Act 1989 s.8"


@guard("recipients-may-receive")
def recipients_may_receive(context: Context) -> Iterator[Breach]:
    """Everybody named as served or as a recipient is a contact of this record and may be sent the plan."""
    served = context.data.get("servedOn", {})
    named = [("recipients", one) for one in context.data.get("recipients", ())]
    named += [("servedOn", one) for one in (served if isinstance(served, dict) else ())]
    for field, contact_id in named:
        yield from _may_receive(context, contact_id, f"/{field}")


@guard("recipient-contact-may-receive")
def recipient_contact_may_receive(context: Context) -> Iterator[Breach]:
    """The contact to whom the plan is shown may be sent it."""
    contact_id = context.data.get("contactId")
    if contact_id:
        yield from _may_receive(context, contact_id, "/contactId")


def _may_receive(context: Context, contact_id: str, pointer: str) -> Iterator[Breach]:
    contact = context.state.person.get("contacts", {}).get(contact_id)
    if contact is None:
        yield context.breach("unknown-contact", f"This record has no contact '{contact_id}'.", pointer=pointer)
    elif contact.get("mayReceive") == "no":
        yield context.breach(
            "barred-recipient",
            f"The contact '{contact_id}' may not be sent the plan or letters about it.",
            law=LAW,
            pointer=pointer,
        )
