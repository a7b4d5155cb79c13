"""MESH, the mailboxes of the NHS: signals go out, receipts and reports of what nobody collected come back."""

from connectors.nhs.mesh.mailbox import (
    Mailbox,
    MailboxAddress,
    MeshMailbox,
    MeshRefused,
    MeshUnavailable,
    NonDelivery,
    Receipt,
)

__all__ = ["Mailbox", "MailboxAddress", "MeshMailbox", "MeshRefused", "MeshUnavailable", "NonDelivery", "Receipt"]
