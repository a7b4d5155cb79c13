"""What leaves as a subject access package: which sections of which text are in it, and who can take it."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from zipfile import ZipFile

import httpx
from msgspec import Struct

from tests.support.access_tables import Scene, shown
from tests.support.serving import Caller
from tests.support.whole_life import TEXTS, TODAY

#: By whom each kind of plan is asked about: as what, and by which contact.
ASKED_BY = {
    "in force": (("PARENT_FOR_CHILD", "contact-1"),),
    "rights passed": (("YOUNG_PERSON", "contact-5"),),
    "not to be found": (("PARENT_FOR_CHILD", "contact-1"), ("PARENT_FOR_CHILD", "contact-2")),
    "identity sealed": (("PARENT_FOR_CHILD", "contact-1"),),
}
RELEASED = {
    "decision": "RELEASE",
    "reasons": "Reasonable in the circumstances",
    "consulted": "Dr Ada Fernhollow, community paediatrician",
    "opinionOn": TODAY,
}
KEPT_BACK = {"decision": "WITHHOLD", "exemption": "THIRD_PARTY", "reasons": "Not theirs to know"}


class Export(Struct, frozen=True):
    """One request, and what was decided of what is marked."""

    scene: Scene
    contact: str
    decided: str
    access_id: str

    @property
    def path(self) -> str:
        """Where it is taken."""
        return f"{self.scene.life.path}/subject-access/{self.access_id}/package"


def exports(found: list[Scene]) -> Iterator[Export]:
    """Ask, decide, review and release, in every scene in which somebody asks: with what is marked, and without."""
    for scene in found:
        for standing, contact in ASKED_BY.get(scene.name, ()):
            for decided, decision in (("released", RELEASED), ("withheld", KEPT_BACK)):
                export = Export(scene, contact, decided, f"{contact}-{decided}")
                _release(export, standing, decision)
                yield export


def _release(export: Export, standing: str, decision: dict[str, str]) -> None:
    life, access_id = export.scene.life, export.access_id
    asked = {"receivedOn": TODAY, "requester": export.contact, "standing": standing}
    life.record("request-subject-access", TODAY, accessId=access_id, **asked)
    material = life.officer.get(f"{life.path}/subject-access/{access_id}").json()
    decisions = {part["id"]: decision for part in material["marked"]}
    life.record("prepare-subject-access", TODAY, accessId=access_id, upTo=material["upTo"], decisions=decisions)
    life.record("review-subject-access", TODAY, life.manager, accessId=access_id)
    digest = life.officer.get(f"{life.path}/subject-access/{access_id}").json()["packageSha256"]
    said = {"releasedOn": TODAY, "packageSha256": digest, "rightsExplained": True}
    life.record("release-subject-access", TODAY, accessId=access_id, **said)


def taken(export: Export) -> Iterator[str]:
    """A line for each caller of the scene: what the package shows of each text, or the status of the refusal."""
    for name, caller in export.scene.callers.items():
        answer = caller.get(export.path)
        row = f"{export.scene.name} | {export.contact} asked, marked parts {export.decided} | {name}"
        if not answer.is_success:
            yield f"{row} | {answer.status_code}"
            continue
        words = opened(answer)
        yield from (f"{row} | 200 | {label} | {shown(words, label)}" for label in TEXTS)


def opened(answer: httpx.Response) -> str:
    """Every word of a package."""
    with ZipFile(BytesIO(answer.content)) as folder:
        return "\n".join(folder.read(name).decode() for name in folder.namelist())


def requester(export: Export) -> Caller:
    """Who asked."""
    return export.scene.life.family(export.contact)
