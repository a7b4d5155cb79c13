"""Children of the trial of erasures: each has words of its own wherever a record can hold one.

Every word holds the child's stem, and every stem begins alike (TRACE): what is said of any child can be found by one
search, and whose it is can be told. Born long ago, so that the time to keep the record is over today.
"""

from __future__ import annotations

import random
import string
from copy import deepcopy
from typing import Any, Final, cast
from uuid import UUID, uuid4

import orjson

from domain.document import merge_patch
from domain.identifiers.check_digits import nhs_check_digit, upn_check_letter
from tests.support.life import NAMED, SCHOOL, Life, text
from tests.support.remote import Remote
from tests.support.serving import Caller, Serving

#: Begins every word of every child. No word of ours, and none of a language, holds it.
TRACE: Final = "qzvexu"
BORN, MADE, DIED = "1990-05-04", "2025-10-01", "2025-11-20"


def new_stem(dice: random.Random) -> str:
    """The beginning of a child's words."""
    return TRACE + "".join(dice.choices(string.ascii_lowercase, k=10))


def new_nhs_number(dice: random.Random) -> str:
    """A number of the range that is for tests."""
    while True:
        nine = f"999{dice.randrange(10**6):06d}"
        if (last := nhs_check_digit(nine)) is not None:
            return nine + last


def new_upn(dice: random.Random) -> str:
    """A pupil number of a school that isn't."""
    body = f"855{dice.randrange(10**9):09d}"
    return upn_check_letter(body) + body


class Child(Life):
    """One child's record, and what was acknowledged of it.

    `told` are the words of acts that were answered with 201, by the entry that holds them; `gone` are the entries that
    were destroyed.
    """

    def __init__(self, remote: Remote, dice: random.Random) -> None:
        super().__init__(cast("Serving", remote))
        self.dice = dice
        self.stem = new_stem(dice)
        self.nhs_number, self.upn = new_nhs_number(dice), new_upn(dice)
        self.reference = f"{self.stem}-ref"
        self.told: dict[int, str] = {}
        self.gone: set[int] = set()
        self.leaves: dict[int, str] = {}
        self._words = 0

    @property
    def plan(self) -> UUID:
        return UUID(self.plan_id)

    @property
    def records_manager(self) -> Caller:
        return self.serving.as_("records-manager", f"la:{self.council}")

    @property
    def lasting(self) -> set[str]:
        """The words that whoever reads the whole record must find."""
        return {word for entry, word in self.told.items() if entry not in self.gone} | {self.word_of("need")}

    def word_of(self, what: str) -> str:
        return f"{self.stem}{what}"

    def new_word(self) -> str:
        self._words += 1
        return f"{self.stem}n{self._words}x"

    def document(self) -> dict[str, Any]:
        """A final plan with a word in every kind of item."""
        school = deepcopy(NAMED)
        school["placements"]["placement-1"]["name"] = self.word_of("school")
        contacts = {f"contact-{n}": {"name": f"{self.stem} Parent{n}"} for n in (1, 2)}
        personal = {
            "name": f"{self.stem.capitalize()} Child", "dateOfBirth": BORN, "contacts": contacts,
            "identifiers": {"nhsNumber": self.nhs_number, "upn": self.upn},
        }  # fmt: skip
        sections = {
            "A": {"history": self.word_of("history"), "aspirations": self.word_of("aspiration")},
            "B": {"needs": {"need-1": {"description": self.word_of("need")}}},
            "C": {"needs": {"need-2": {"description": self.word_of("health")}}},
            "E": {"outcomes": {"outcome-1": {"text": self.word_of("outcome")}}},
            "F": {"provisions": {"provision-1": {"what": self.word_of("provision")}}},
            "G": {"provisions": {"provision-2": {"what": self.word_of("therapy")}}},
        }
        whole: dict[str, Any] = merge_patch(
            text(self.reference, section_i=school), {"personalDetails": personal, "sections": sections}
        )
        return whole

    def opened(self) -> Child:
        """Imported by a slice of a file, or by the act."""
        if self.dice.random() < 0.5:
            query = f"/v1/imports?council={self.council}&fileSha256={self.dice.randrange(16**64):064x}"
            answer = self.officer.send("POST", query, orjson.dumps(self.document()), "application/x-ndjson")
            assert answer.status_code == 200, answer.text
            (self.plan_id,) = answer.json()["planIds"]
            return self
        answer = self.officer.open(
            "import-baseline", mode="RECORD", effectiveOn=MADE, plan=self.document(), localReference=self.reference,
            planMadeOn=MADE, finalSentOn=MADE, council=self.council,
            sourceFile={"sha256": f"{self.dice.randrange(16**64):064x}", "line": 1},
        )  # fmt: skip
        assert answer.status_code == 201, answer.text
        self.plan_id = answer.json()["planId"]
        self._note(answer.json(), self.word_of("need"))
        return self

    # What the world does with it. Each says whether it was done: an erased record takes nothing any more.

    def evidence(self) -> bool:
        word = self.new_word()
        said = {"evidenceId": word, "attachedOn": MADE, "documentHash": "ab" * 32, "title": word}
        answer = self.officer.act(self.plan_id, "attach-evidence", mode="RECORD", effectiveOn=MADE, **said)
        return self._done(answer, word)

    def held(self, *, repeated: bool = True) -> bool:
        """A hold that is lifted at once; the same request twice."""
        hold, key = self.new_word(), str(uuid4())
        body = {"mode": "RECORD", "effectiveOn": MADE, "holdId": hold, "reason": hold}
        path = f"{self.path}/acts/set-legal-hold"
        answers = [self.manager.post(path, body, Idempotency_Key=key) for _ in range(1 + repeated)]
        assert answers[0].status_code != 201 or answers[-1].json() == answers[0].json()
        lift = {"holdId": hold, "reason": self.new_word()}
        self.manager.act(self.plan_id, "lift-legal-hold", mode="RECORD", effectiveOn=MADE, **lift)
        return self._done(answers[0], hold)

    def drafted(self) -> bool:
        """A working draft with a working note, changed twice."""
        opened = self.officer.post(f"{self.path}/drafts", {"purpose": "ANNUAL_REVIEW", "plan": self.document()})
        if opened.status_code != 201:
            return False
        path, revision = f"{self.path}/drafts/{opened.json()['draftId']}", opened.json()["revision"]
        for _ in range(2):
            change = {"sections": {"A": {"aspirations": self.new_word()}}}
            patched = self.officer.patch(path, change, f'"d{revision}"')
            revision += 1
            if patched.status_code != 200:
                return False
        return True

    def read_by_somebody(self) -> bool:
        """The school reads; an officer says why, and looks for the child by its name and numbers."""
        self.serving.as_("school", SCHOOL).get(self.path)
        curious = self.officer
        curious.headers |= {"EHCP-Gateway": "CONTROLLER_INTERNAL", "EHCP-Reason": f"About {self.new_word()}"}
        read = curious.get(self.path).status_code == 200
        curious.post("/v1/plans/search", {"name": f"{self.stem.capitalize()} Child"})
        curious.post("/v1/plans/search", {"nhsNumber": self.nhs_number})
        return read

    def asked_for(self) -> bool:
        """A parent asks for all that is held, and takes the package."""
        access, today = f"s{self.dice.randrange(10**9)}", self.serving.clock.day
        asked = {
            "accessId": access, "receivedOn": MADE, "requester": "contact-1", "standing": "REPRESENTATIVE",
            "scope": self.new_word(),
        }  # fmt: skip
        if self.officer.act(self.plan_id, "request-subject-access", mode="RECORD", effectiveOn=MADE, **asked).is_error:
            return False
        path = f"{self.path}/subject-access/{access}"
        found = self.officer.get(path).json()
        reasons = {"decision": "RELEASE", "reasons": self.new_word(), "consulted": self.new_word(), "opinionOn": today}
        decided = {"upTo": found.get("upTo"), "decisions": {part["id"]: reasons for part in found.get("marked", ())}}
        self.officer.act(self.plan_id, "prepare-subject-access", accessId=access, **decided)
        self.manager.act(self.plan_id, "review-subject-access", accessId=access)
        sha = self.officer.get(path).json().get("packageSha256", "")
        given = {"accessId": access, "releasedOn": today, "packageSha256": sha, "rightsExplained": True}
        self.officer.act(self.plan_id, "release-subject-access", **given)
        return self.family().get(f"{path}/package").status_code == 200

    # Destroying it, by two people.

    def at_rest(self) -> Child:
        self.record("record-death", self.serving.clock.day, effectiveOn=DIED, diedOn=DIED, source=self.new_word())
        return self

    def proposed(self) -> str:
        """The id of a proposal to destroy the record; none where somebody set a hold at that moment."""
        erasure = f"e{self.dice.randrange(10**9)}"
        said = {"erasureId": erasure, "reason": self.new_word()}
        answer = self.records_manager.act(self.plan_id, "propose-erasure", **said)
        assert answer.status_code in (201, 409), answer.text
        return erasure if answer.status_code == 201 else ""

    def approved(self, erasure: str, manager: Caller) -> None:
        answer = manager.act(self.plan_id, "expire-retention", erasureId=erasure)
        assert answer.status_code in (201, 409, 410), answer.text

    def entry_proposed(self, entry: int) -> str:
        """The id of a proposal to destroy one entry; none where a hold is set."""
        erasure = f"e{self.dice.randrange(10**9)}"
        said = {"erasureId": erasure, "entry": entry, "basis": "WRONG_CHILD", "reason": "Another child's report"}
        answer = self.officer.act(self.plan_id, "propose-entry-erasure", **said)
        assert answer.status_code in (201, 409), answer.text
        return erasure if answer.status_code == 201 else ""

    def entry_approved(self, entry: int, erasure: str) -> None:
        """Destroyed, unless somebody set a hold meanwhile."""
        self.gone.add(entry)
        answer = self.manager.act(self.plan_id, "erase-entry", erasureId=erasure, entry=entry)
        assert answer.status_code in (201, 409), answer.text
        if answer.status_code == 409:
            self.gone.remove(entry)

    def _done(self, answer: Any, word: str) -> bool:
        if answer.status_code != 201:
            assert answer.status_code in (404, 409, 410), answer.text
            return False
        self._note(answer.json(), word)
        return True

    def _note(self, receipt: dict[str, Any], word: str) -> None:
        event = receipt["event"]
        self.told[event["sequence"]] = word
        self.leaves[event["position"]] = event["leafHash"]
