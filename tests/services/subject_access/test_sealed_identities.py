"""A request for what is held, and an identity that is sealed: the former one is in no answer and no list."""

import pytest

from tests.services.subject_access.asking import TODAY, WITHHOLD, Asking, files
from tests.support.life import NAMED, Life, text

SEALED, LATER = "2026-07-21", "2026-07-28"
FORMER = ("Robin", "Quillfeather", "Alex", "9990000050")
PERSON = {
    "name": "Kit Umberland",
    "dateOfBirth": "2015-03-04",
    "sex": "notKnown",
    "contacts": {"contact-7": {"order": 1, "kind": "parentOrCarer", "name": "Pat Umberland", "mayReceive": "yes"}},
}


@pytest.fixture
def asking(life: Life) -> Asking:
    """A request of the former family that two people have gone through."""
    return Asking(life.finalised()).asked().prepared(THIRD_PARTY=WITHHOLD).reviewed()


def sealing(**changed: object) -> dict[str, object]:
    plan = text("NEW-REFERENCE", section_i=NAMED) | {"personalDetails": PERSON}
    plan["sections"]["A"] = {"history": "Kit lives with two parents."}
    return {"reason": "ADOPTION", "sealedOn": SEALED, "person": PERSON | changed, "plan": plan}


def sealed(life: Life) -> Life:
    guardian = life.serving.as_("identity-guardian", "la:855")
    life.do("seal-identity", SEALED, guardian, **sealing())
    return life


def test_what_a_former_family_asked_ends_and_is_shown_to_a_guardian_alone(asking: Asking) -> None:
    life = sealed(asking.life)
    assert life.clock("S1")["status"] == "closed"
    readers = (life.officer, life.manager, life.family("contact-7"), life.serving.as_("auditor", "audit"))
    for reader in readers:
        assert reader.get(f"{life.path}/subject-access").json()["requests"] == []
        assert reader.get(f"{asking.path}/package").status_code == 404
    assert life.officer.get(asking.path).status_code == 404
    guardian = life.serving.as_("identity-guardian", "la:855")
    (held,) = guardian.get(f"{life.path}/subject-access").json()["requests"]
    assert held["status"] == "CLOSED_BY_SEALING"
    said = {"accessId": "s1", "releasedOn": SEALED, "packageSha256": "ab" * 32, "rightsExplained": True}
    assert "matter-out-of-order" in life.refused("release-subject-access", SEALED, **said)


def test_the_answer_under_the_new_identity_says_nothing_of_the_former_one(asking: Asking) -> None:
    life = sealed(asking.life)
    anew = Asking(life, "contact-7", "s7")
    said = {"accessId": "s7", "receivedOn": LATER, "requester": "contact-7", "standing": "PARENT_FOR_CHILD"}
    life.do("request-subject-access", LATER, anew.family, **said)
    decisions = anew.decisions()
    marked = life.officer.get(anew.path).text
    # An officer may name an entry from before the sealing, knowingly or not, where it happened elsewhere.
    answered = {"accessId": "s7", "upTo": life.history()[-1]["sequence"], "decisions": decisions}
    life.record("prepare-subject-access", LATER, **answered | {"upTo": 3})
    early = life.officer.get(anew.path).text
    life.do("prepare-subject-access", LATER, **answered)
    anew.reviewed()
    life.do(
        "release-subject-access", LATER, accessId="s7", releasedOn=LATER, rightsExplained=True,
        packageSha256=anew.material()["packageSha256"],
    )  # fmt: skip
    given = "".join(files(anew.take()).values())
    assert "Kit Umberland" in given
    for former in FORMER:
        assert former not in given + marked + early


def test_no_contact_of_the_new_identity_goes_by_the_id_of_a_former_one(life: Life) -> None:
    life.finalised()
    guardian = life.serving.as_("identity-guardian", "la:855")
    again = {"contacts": {"contact-1": PERSON["contacts"]["contact-7"]}}  # type: ignore[index]
    assert "contact-id-of-former-identity" in life.refused("seal-identity", SEALED, guardian, **sealing(**again))
    sealed(life)
    contact = {"order": 2, "kind": "parentOrCarer", "name": "Lee Umberland", "mayReceive": "yes"}
    assert "contact-known" in life.refused("add-contact", TODAY, contactId="contact-2", contact=contact)
    life.do("add-contact", LATER, contactId="contact-8", contact=contact)
    assert life.family("contact-1").get(life.path).status_code == 404
