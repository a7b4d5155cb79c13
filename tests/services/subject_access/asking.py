"""A subject access request through its life, over HTTP."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import httpx

from tests.support.life import Life
from tests.support.serving import Caller

ASKED, TODAY = "2026-07-14", "2026-07-20"
WITHHOLD = {"decision": "WITHHOLD", "exemption": "THIRD_PARTY", "reasons": "Not theirs to know"}
RELEASE = {"decision": "RELEASE", "reasons": "Reasonable in the circumstances"}
#: Needs no opinion, and so doesn't grow old.
SEEN = RELEASE | {"alreadySeen": True, "reasons": "Robin read it with the doctor"}
HEALTH = "SERIOUS_HARM_HEALTH"
OPINION = {"consulted": "Dr Ada Fernhollow, community paediatrician", "opinionOn": "2026-07-01"}


class Asking:
    """Somebody's request for what is held."""

    def __init__(self, life: Life, contact: str = "contact-1", access_id: str = "s1") -> None:
        self.life = life
        self.contact = contact
        self.access_id = access_id
        self.path = f"{life.path}/subject-access/{access_id}"

    @property
    def family(self) -> Caller:
        return self.life.family(self.contact)

    def asked(self, standing: str = "PARENT_FOR_CHILD") -> Asking:
        said = {"accessId": self.access_id, "receivedOn": ASKED, "requester": self.contact, "standing": standing}
        self.life.do("request-subject-access", ASKED, self.family, **said)
        return self

    def material(self) -> dict[str, Any]:
        answer = self.life.officer.get(self.path)
        assert answer.status_code == 200, answer.json()
        found: dict[str, Any] = answer.json()
        return found

    def prepared(self, **decided: dict[str, Any]) -> Asking:
        """Decide about every marked part, as `decisions` does, up to the last entry."""
        return self.decided(self.material()["upTo"], self.decisions(**decided))

    def decisions(self, **decided: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """A decision about every marked part: `decided` by the reason that it was marked for.

        All else is released, health data on a doctor's opinion.
        """
        known = {HEALTH: RELEASE | OPINION, **decided}
        return {
            part["id"]: next((known[reason] for reason in (*decided, HEALTH) if reason in part["reasons"]), RELEASE)
            for part in self.material()["marked"]
        }

    def decided(self, up_to: int, decisions: dict[str, Any]) -> Asking:
        said = {"accessId": self.access_id, "upTo": up_to, "decisions": decisions}
        self.life.do("prepare-subject-access", TODAY, **said)
        return self

    def reviewed(self) -> Asking:
        self.life.do("review-subject-access", TODAY, self.life.manager, accessId=self.access_id)
        return self

    def released(self) -> Asking:
        said = {"accessId": self.access_id, "releasedOn": TODAY, "packageSha256": self.material()["packageSha256"]}
        self.life.do("release-subject-access", TODAY, **said, rightsExplained=True)
        return self

    def take(self, who: Caller | None = None, form: str = "") -> httpx.Response:
        caller = who or self.family
        caller.headers |= {"Accept": form} if form else {}
        return caller.get(f"{self.path}/package")


def files(answer: httpx.Response) -> dict[str, str]:
    """The files of a package."""
    assert answer.status_code == 200, answer.text
    with ZipFile(BytesIO(answer.content)) as folder:
        return {name: folder.read(name).decode() for name in folder.namelist()}


def record(answer: httpx.Response) -> dict[str, Any]:
    """The record of a package as data."""
    found: dict[str, Any] = json.loads(files(answer)["record.json"])
    return found
