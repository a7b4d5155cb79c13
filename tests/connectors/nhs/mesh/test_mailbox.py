"""Our mailbox at MESH, on NHS England's own sandbox: sending, receipts, reports of what wasn't collected, trouble."""

from collections.abc import Iterator
from contextlib import closing
from uuid import uuid4

import httpx
import pytest

from connectors.nhs.mesh import MeshMailbox, MeshRefused, MeshUnavailable
from tests.support.mesh import OTHERS, OURS, THEIRS, mailbox_at

WORKFLOW = "TEST_WORKFLOW"
BODY = b'{"id": "1"}'


@pytest.fixture(autouse=True)
def empty_mailboxes(mesh_sandbox: str) -> Iterator[None]:
    yield
    httpx.delete(f"{mesh_sandbox}/messageexchange/admin/reset").raise_for_status()


def sent(mailbox: MeshMailbox, local_id: str = "") -> str:
    return mailbox.send(THEIRS, WORKFLOW, BODY, local_id=local_id or str(uuid4()), media_type="application/json")


def collect(mailbox: MeshMailbox) -> list[bytes]:
    """Take everything out of a mailbox as its owner does."""
    with_client = mailbox._client  # noqa: SLF001 - the recipient's side isn't ours to offer
    bodies = []
    for message in with_client.iterate_all_messages():
        with message:
            bodies.append(message.read())
    return bodies


def report(address: str, **stated: str) -> None:
    body = {"mailbox_id": OURS, "code": "14", "description": "not collected", "workflow_id": WORKFLOW, **stated}
    httpx.post(f"{address}/messageexchange/admin/report", json=body).raise_for_status()


def test_a_message_reaches_the_mailbox_and_its_receipt_comes_once_it_was_collected(
    our_mailbox: MeshMailbox, their_mailbox: MeshMailbox
) -> None:
    our_mailbox.check()
    message_id = sent(our_mailbox)
    assert our_mailbox.receipt_for(message_id) is None
    assert collect(their_mailbox) == [BODY]
    receipt = our_mailbox.receipt_for(message_id)
    assert receipt is not None
    assert (receipt.message_id, receipt.at.tzinfo is not None) == (message_id, True)


def test_what_nobody_collected_comes_back_with_the_ids_of_both(our_mailbox: MeshMailbox, mesh_sandbox: str) -> None:
    message_id = sent(our_mailbox, "signal-1")
    report(mesh_sandbox, linked_message_id=message_id, local_id="signal-1")
    [back] = our_mailbox.non_deliveries()
    assert (back.message_id, back.local_id, back.code) == (message_id, "signal-1", "14")
    assert list(our_mailbox.non_deliveries()) == []


def test_a_report_whose_reader_fails_is_there_again(our_mailbox: MeshMailbox, mesh_sandbox: str) -> None:
    report(mesh_sandbox, linked_message_id="M1", local_id="signal-1")
    reports = our_mailbox.non_deliveries()
    next(reports)
    reports.close()
    assert len(list(our_mailbox.non_deliveries())) == 1


def test_other_messages_in_our_inbox_are_left_to_whoever_collects_them(
    our_mailbox: MeshMailbox, their_mailbox: MeshMailbox
) -> None:
    their_mailbox.send(OURS, "TEST_WORKFLOW_ACK", BODY, local_id="reply", media_type="application/json")
    assert list(our_mailbox.non_deliveries()) == []
    assert collect(our_mailbox) == [BODY]


def test_a_recipient_that_does_not_exist_is_a_refusal_that_no_retry_mends(our_mailbox: MeshMailbox) -> None:
    with pytest.raises(MeshRefused):
        our_mailbox.send("X26NONE", WORKFLOW, BODY, local_id="1", media_type="application/json")


def test_a_workflow_that_the_recipient_is_not_registered_for_is_refused(our_mailbox: MeshMailbox) -> None:
    with pytest.raises(MeshRefused):
        our_mailbox.send(OTHERS, "NO_SUCH_WORKFLOW", b"", local_id="1", media_type="application/json")


@pytest.mark.parametrize("changed", [{"password": "wrong"}, {"shared_key": "wrong"}])
def test_who_is_not_let_in_may_try_again_with_the_right_secrets(mesh_sandbox: str, changed: dict[str, str]) -> None:
    with closing(mailbox_at(mesh_sandbox, OURS, **changed)) as mailbox:
        with pytest.raises(MeshUnavailable):
            mailbox.check()
        with pytest.raises((MeshUnavailable, MeshRefused)):
            sent(mailbox)


def test_a_network_that_is_down_is_said_to_be_so() -> None:
    with closing(mailbox_at("http://127.0.0.1:1", OURS)) as mailbox, pytest.raises(MeshUnavailable):
        sent(mailbox)
