"""The platform's own MESH mailbox, through NHS England's client.

MESH accepts a message at once, and its recipient collects it later: at least once, in no order. Sending isn't repeated
by the client, so that an answer which got lost may lead to a second message: recipients tell by the signal's id, which
is the local id of both. What isn't collected within 5 days comes back as a report to our own inbox.

https://digital.nhs.uk/developer/api-catalogue/message-exchange-for-social-care-and-health-api
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final, Protocol

import requests
import urllib3
from mesh_client import MeshClient, MeshError
from msgspec import Struct

SECONDS: Final = 30
"""How long one request may take."""

ACKNOWLEDGED: Final = "acknowledged"
_REPORT: Final = "REPORT"


class MeshUnavailable(Exception):
    """MESH can't be reached, is busy, or doesn't let us in: the same may succeed later."""


class MeshRefused(Exception):
    """MESH says that this message can't be sent: an unknown mailbox, or a workflow that it isn't registered for."""


class MailboxAddress(Struct, frozen=True, kw_only=True):
    """Where MESH is and who we are there: our mailbox, its password, the environment's shared key, our certificate.

    `certificate` and `private_key` are files for mutual TLS, `authorities` a file of the certificates that MESH's own
    is checked against ("" for those that come with the client, which know NHS England's endpoints).
    """

    url: str
    mailbox: str
    password: str
    shared_key: str
    certificate: str = ""
    private_key: str = ""
    authorities: str = ""


class Receipt(Struct, frozen=True, kw_only=True):
    """That the recipient has taken a message out of its mailbox."""

    message_id: str
    at: datetime


class NonDelivery(Struct, frozen=True, kw_only=True):
    """That MESH gave a message up: its id, the id of our signal, MESH's code ("14": not collected within 5 days)."""

    message_id: str
    local_id: str
    code: str


class Mailbox(Protocol):
    """What a deliverer needs of a mailbox."""

    def close(self) -> None:
        """Close the connections."""

    def check(self) -> None:
        """Say hello, as each mailbox has to once a day. Raises MeshUnavailable."""

    def send(self, recipient: str, workflow_id: str, body: bytes, *, local_id: str, media_type: str) -> str:
        """Put one message into the recipient's mailbox; its message id. Raises MeshRefused, MeshUnavailable."""

    def receipt_for(self, message_id: str) -> Receipt | None:
        """The receipt of a message that we sent, None while it waits. Raises MeshUnavailable."""

    def non_deliveries(self) -> Iterator[NonDelivery]:
        """The reports in our inbox. Each is taken out once the next is asked for. Raises MeshUnavailable."""


class MeshMailbox:
    """A mailbox at MESH."""

    def __init__(self, address: MailboxAddress) -> None:
        """Nothing is sent yet."""
        certificate = (address.certificate, address.private_key) if address.certificate else None
        self._client: Any = MeshClient(
            address.url,
            address.mailbox,
            address.password,
            shared_key=address.shared_key.encode(),
            cert=certificate,
            verify=address.authorities or None,
            timeout=SECONDS,
            application_name="ehcp-exchange",
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def check(self) -> None:
        """Say hello, as each mailbox has to once a day. Raises MeshUnavailable."""
        with _mesh():
            self._client.handshake()

    def send(self, recipient: str, workflow_id: str, body: bytes, *, local_id: str, media_type: str) -> str:
        """Put one message into the recipient's mailbox; its message id. Raises MeshRefused, MeshUnavailable."""
        with _mesh():
            sent: str = self._client.send_message(
                recipient, body, workflow_id=workflow_id, local_id=local_id, content_type=media_type
            )
            return sent

    def receipt_for(self, message_id: str) -> Receipt | None:
        """The receipt of a message that we sent, None while it waits. Raises MeshUnavailable."""
        with _mesh():
            told: Any = self._client.track_message(message_id)
        if str(told.get("status", "")).lower() != ACKNOWLEDGED:
            return None
        return Receipt(message_id=message_id, at=_instant(told.get("status_timestamp")))

    def non_deliveries(self) -> Iterator[NonDelivery]:
        """The reports in our inbox. Each is taken out once the next is asked for. Raises MeshUnavailable.

        Messages that are no reports stay where they are: whoever else uses the mailbox collects them.
        """
        with _mesh():
            waiting = list(self._client.iterate_message_ids())
        for message_id in waiting:
            with _mesh():
                message = self._client.retrieve_message(message_id)
                headers = {name.lower(): value for name, value in message.mex_headers()}
                message.close()
            if headers.get("messagetype", "").upper() != _REPORT:
                continue
            yield NonDelivery(
                message_id=headers.get("linkedmsgid", ""),
                local_id=headers.get("localid", ""),
                code=headers.get("statuscode", ""),
            )
            with _mesh():
                self._client.acknowledge_message(message_id)


@contextmanager
def _mesh() -> Iterator[None]:
    """Tell what can be tried again from what can't."""
    try:
        yield
    except MeshError as refused:
        raise MeshRefused(_sentence(refused)) from None
    except (requests.RequestException, urllib3.exceptions.HTTPError) as trouble:
        raise MeshUnavailable(type(trouble).__name__) from None


def _sentence(refused: MeshError) -> str:
    """MESH's own words about a refusal; they name mailboxes and workflows, nobody's record."""
    return str(refused.args[0])[:200] if refused.args else "refused"


def _instant(stated: object) -> datetime:
    """MESH's moment; that of now for a state that has none."""
    if not isinstance(stated, str) or not stated:
        return datetime.now(UTC)
    moment = datetime.fromisoformat(stated)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
