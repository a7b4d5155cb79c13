"""MESH for tests: NHS England's sandbox, one process for those who ask. In CI it has to be there."""

import os
from collections.abc import Iterator
from contextlib import closing

import pytest

from connectors.nhs.mesh import MailboxAddress, MeshMailbox
from deploy.local.mesh import MAILBOXES, SHARED_KEY, SandboxMissingError, sandbox

OURS, THEIRS, OTHERS = MAILBOXES


@pytest.fixture(scope="session")
def mesh_sandbox() -> Iterator[str]:
    """The address of the sandbox of this process."""
    try:
        with sandbox() as address:
            yield address
    except SandboxMissingError as missing:
        if os.environ.get("CI"):
            pytest.fail(f"CI must test on a MESH sandbox. {missing}", pytrace=False)
        pytest.skip(str(missing))


@pytest.fixture
def our_mailbox(mesh_sandbox: str) -> Iterator[MeshMailbox]:
    """The platform's mailbox."""
    with closing(mailbox_at(mesh_sandbox, OURS)) as mailbox:
        yield mailbox


@pytest.fixture
def their_mailbox(mesh_sandbox: str) -> Iterator[MeshMailbox]:
    """A recipient's mailbox."""
    with closing(mailbox_at(mesh_sandbox, THEIRS)) as mailbox:
        yield mailbox


def mailbox_at(address: str, mailbox: str, **changed: str) -> MeshMailbox:
    """One of the sandbox's mailboxes."""
    given = {"url": address, "mailbox": mailbox, "password": MAILBOXES[mailbox], "shared_key": SHARED_KEY}
    return MeshMailbox(MailboxAddress(**(given | changed)))
