"""A council invites a contact to read the plan: only its own plans, only contacts who may receive them."""

import pytest

from tests.support.life import Life
from tests.support.serving import Serving


def test_a_contact_is_linked_by_the_code_once(life: Life) -> None:
    life.requested()
    made = life.officer.post(f"{life.path}/invitations", {"contactId": "contact-2"})
    assert made.status_code == 201
    assert made.headers["Cache-Control"] == "no-store"
    links, code = life.serving.platform.store.family_links, made.json()["code"]
    linked = links.redeem(code, "issuer\x00person", now=1)
    assert linked is not None
    assert (str(linked.plan), linked.contact) == (life.plan_id, "contact-2")
    assert links.redeem(code, "issuer\x00stranger", now=1) is None


def test_a_new_invitation_ends_the_one_before(life: Life) -> None:
    life.requested()
    first, second = (
        life.officer.post(f"{life.path}/invitations", {"contactId": "contact-1"}).json()["code"] for _ in range(2)
    )
    links = life.serving.platform.store.family_links
    assert links.redeem(first, "p", now=1) is None
    assert links.redeem(second, "p", now=1) is not None


@pytest.mark.parametrize("body", [{}, {"contactId": "contact-9"}, {"contactId": 1}, {"contactId": "contact-1", "x": 1}])
def test_nobody_is_invited_who_is_not_a_contact(life: Life, body: dict[str, object]) -> None:
    life.requested()
    assert life.officer.post(f"{life.path}/invitations", body).status_code == 422


@pytest.mark.parametrize("may_receive", ["no", None])
def test_a_contact_who_may_not_receive_the_plan_is_not_invited(life: Life, may_receive: str | None) -> None:
    barred = {"order": 1, "kind": "parentOrCarer", "name": "Alex Quillfeather"}
    life.requested(contacts={"contact-1": barred | ({"mayReceive": may_receive} if may_receive else {})})
    answer = life.officer.post(f"{life.path}/invitations", {"contactId": "contact-1"})
    assert answer.json()["errors"][0]["rule"] == "barred-contact"


def test_only_the_maintaining_council_invites(life: Life, platform: Serving) -> None:
    life.requested()
    body, path = {"contactId": "contact-1"}, f"{life.path}/invitations"
    assert life.family().post(path, body).status_code == 403
    assert platform.officer("936").post(path, body).status_code == 404
    assert platform.as_("school", "urn:199101").post(path, body).status_code == 404
