"""Councils, health bodies, families and right-holders change over HTTP; each sees what is its own."""

from tests.support.life import SCHOOL, Life

MOVED = "2026-06-15"


def moved(life: Life) -> Life:
    life.imported()
    aware = {"transferId": "move-1", "awareOn": "2026-06-01", "toLa": "936"}
    life.do("notify-move", "2026-06-01", who=life.family(), **aware)
    transfer = {"transferId": "move-1", "toLa": "936", "transferOn": MOVED, "movedOn": MOVED}
    life.do("transfer-plan", MOVED, **transfer, lastReviewOn="2025-10-01")
    return life


def test_the_new_council_maintains_the_plan_and_the_old_one_keeps_only_what_was_in_force_in_its_time(
    life: Life,
) -> None:
    moved(life)
    new, old = life.serving.officer("936"), life.officer
    assert life.read(new)["maintainingLa"] == "936"
    assert (life.read(old)["version"]["number"], life.read(old)["maintainingLa"]) == (1, "855")
    for end in ("/history", "/clocks", "/drafts"):
        assert old.get(life.path + end).status_code in {403, 404}
    assert old.act(life.plan_id, "set-legal-hold", holdId="hold-1", reason="Ours").status_code == 403
    number = {"placementId": "placement-1", "scheme": "urn", "formerValue": "199101", "newValue": "199202"}
    life.do("change-placement-identifier", MOVED, who=new, **number, since=MOVED, reason="ACADEMY_CONVERSION")
    assert "199202" in new.get(life.path).text
    assert "199202" not in old.get(life.path).text
    shown = old.get(f"{life.path}/versions").json()["versions"]
    assert [(v["kind"], v["number"], "sequence" in v) for v in shown] == [("final", 1, False)]
    life.do("acknowledge-transfer", "2026-06-16", who=new, transferId="move-1", receivedOn="2026-06-16")
    told = {"transferId": "move-1", "sentOn": "2026-06-16", "willReassess": False, "reviewBy": "2026-09-14"}
    life.do("inform-family-after-transfer", "2026-06-16", who=new, **told)
    assert life.plan_id in {row["planId"] for row in new.get("/v1/plans", limit=200).json()["plans"]}
    assert life.plan_id not in {row["planId"] for row in old.get("/v1/plans", limit=200).json()["plans"]}
    assert old.post("/v1/plans/search", {"localReference": life.reference}).json() == {"planIds": []}


def test_the_whole_history_moves_with_the_plan_and_stays_readable_and_provable(life: Life) -> None:
    life.imported()
    before = life.history()
    aware = {"transferId": "move-1", "awareOn": "2026-06-01", "toLa": "936"}
    life.do("notify-move", "2026-06-01", **aware)
    transfer = {"transferId": "move-1", "toLa": "936", "transferOn": MOVED, "movedOn": MOVED}
    life.do("transfer-plan", MOVED, **transfer, lastReviewOn="2025-10-01")
    assert life.history(life.serving.officer("936"))[: len(before)] == before


def test_a_new_commissioner_reads_the_plan_from_its_day(life: Life) -> None:
    life.imported()
    board = life.serving.as_("health", "ods:QT1")
    assert board.get(life.path).status_code == 404
    change = {"changeId": "change-1", "fromOds": "QJK", "toOds": "QT1", "since": "2026-04-01"}
    why = {"awareOn": "2026-04-02", "reason": "BODY_ABOLISHED"}
    life.do("change-commissioner", "2026-04-02", **change, **why)
    assert life.read(board)["phase"] == "MAINTAINED"
    life.do("tell-new-commissioner", "2026-04-03", changeId="change-1", notifiedOn="2026-04-03")


def test_rights_pass_to_the_young_person_and_the_history_says_so(life: Life) -> None:
    life.imported(dateOfBirth="2009-08-31")
    early = life.refused("change-right-holder", "2025-06-01", holder="YOUNG_PERSON", since="2025-06-01")
    assert early
    life.do("change-right-holder", "2026-06-15", holder="YOUNG_PERSON", since="2026-06-15")
    assert life.history()[-1]["data"]["holder"] == "YOUNG_PERSON"


def test_consent_is_recorded_relied_on_and_withdrawn(life: Life) -> None:
    life.imported()
    given = {"consentId": "consent-1", "by": "PARENT", "recipient": "A college", "givenOn": "2026-06-01"}
    life.do("record-consent", "2026-06-01", who=life.family(), **given)
    shown = {"recipient": "A college", "gateway": "CONSENT_PARENT", "consentId": "consent-1", "sections": ["B", "F"]}
    life.do("disclose", "2026-06-02", **shown)
    life.do("withdraw-consent", "2026-06-03", who=life.family(), consentId="consent-1")
    assert life.refused("disclose", "2026-06-04", **shown)


def test_a_school_that_becomes_an_academy_keeps_its_pupil_and_reads_on_under_its_new_number(life: Life) -> None:
    life.imported()
    academy = life.serving.as_("school", "urn:199202")
    assert academy.get(life.path).status_code == 404
    number = {"placementId": "placement-1", "scheme": "urn", "formerValue": "199101", "newValue": "199202"}
    life.do("change-placement-identifier", "2026-09-01", **number, since="2026-09-01", reason="ACADEMY_CONVERSION")
    assert life.read(academy)["version"]["number"] == 1
    assert life.read(asAt="2026-08-31")["plan"]["sections"]["I"]["placements"]["placement-1"]["urn"] == "199101"
    before = life.read(life.serving.as_("school", SCHOOL))
    assert before["plan"]["sections"]["I"]["placements"]["placement-1"]["urn"] == "199101"


def test_trap_32_a_child_is_found_by_every_number_ever_held_and_read_under_the_new_one(life: Life) -> None:
    life.imported(identifiers={"nhsNumber": "9990000069", "upn": None})
    change = {"nhsNumber": "9990000077", "since": "2026-06-15", "reason": "SUPERSEDED"}
    life.do("change-person-identifier", "2026-06-15", **change)
    for number in ("9990000069", "9990000077"):
        found = life.officer.post("/v1/plans/search", {"nhsNumber": number}).json()["planIds"]
        assert life.plan_id in found, number


def test_trap_32_a_number_that_was_keyed_wrongly_does_not_lead_to_the_child(life: Life) -> None:
    life.imported(identifiers={"nhsNumber": "9990000085", "upn": None})
    change = {"nhsNumber": "9990000093", "since": "2026-06-15", "reason": "CORRECTED"}
    life.do("change-person-identifier", "2026-06-15", **change)
    assert life.plan_id not in life.officer.post("/v1/plans/search", {"nhsNumber": "9990000085"}).json()["planIds"]
    assert life.plan_id in life.officer.post("/v1/plans/search", {"nhsNumber": "9990000093"}).json()["planIds"]


def test_trap_75_the_council_that_looks_after_a_child_is_not_the_one_that_maintains_the_plan(life: Life) -> None:
    life.imported()
    life.do("change-looked-after", "2026-06-15", lookedAfter=True, corporateParentLa="850", since="2026-06-15")
    assert life.read()["maintainingLa"] == "855"
    parent = life.serving.officer("850")
    assert life.read(parent)["version"]["number"] == 1
    assert parent.get(f"{life.path}/history").status_code == 404
    assert parent.act(life.plan_id, "set-legal-hold", holdId="hold-1", reason="Ours").status_code == 403
    assert life.plan_id not in {row["planId"] for row in parent.get("/v1/plans", limit=200).json()["plans"]}
