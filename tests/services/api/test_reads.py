"""Reading: the text in force, any version, at a date, as known then; differences in words; history in pages."""

from datetime import datetime, timedelta

from tests.support.life import NAMED, SENT, Life, text
from tests.support.serving import Serving

AMENDED = "2026-10-26"


def amended(life: Life) -> Life:
    """A final of July 2026 and a second one of October that shortens the tuition and rewords the outcome."""
    life.finalised()
    changed = text(
        life.reference,
        section_i=NAMED,
        E={"outcomes": {"outcome-1": {"text": "Reads two pages aloud"}}},
        F={"provisions": {"provision-1": {"quantity": {"sessions": 2}}}},
    )
    notice = {"amendmentNoticeId": "notice-1", "noticeOn": "2026-10-05", "purpose": "AMENDMENT_WITHOUT_REVIEW"}
    served = {"servedOn": {"contact-1": "2026-10-05"}, "representationsUntil": "2026-10-19", "evidenceNote": "Report"}
    life.do("serve-amendment-notice", "2026-10-05", plan=changed, **notice, **served)
    sent = {"recipients": ["contact-1", "contact-2"], "sentTo": ["urn:199101", "ods:QJK"], "rightsExplained": True}
    said = {"amendmentNoticeId": "notice-1", "purpose": "AMENDMENT_WITHOUT_REVIEW", "basis": "COUNCIL"}
    life.do("amend", AMENDED, plan=changed, sentOn=AMENDED, **said, **sent)
    return life


def tuition(view: dict) -> int:  # type: ignore[type-arg]
    sessions: int = view["plan"]["sections"]["F"]["provisions"]["provision-1"]["quantity"]["sessions"]
    return sessions


def test_a_plan_reads_as_in_force_as_any_version_and_as_at_a_date(life: Life) -> None:
    amended(life)
    assert (tuition(life.read()), life.read()["version"]["number"]) == (2, 2)
    assert tuition(life.read(version=1)) == 3
    assert life.read(draft=1)["version"]["kind"] == "draft"
    assert tuition(life.read(asAt="2026-10-25")) == 3
    assert tuition(life.read(asAt=AMENDED)) == 2
    early = life.read(asAt="2026-07-09")
    assert "plan" not in early
    assert "version" not in early
    assert early["phase"] == "DRAFT_ISSUED"


def test_what_was_known_then_is_a_prefix_of_the_log(life: Life) -> None:
    amended(life)
    history = life.history()
    final = next(event for event in history if event["type"] == "ehcp.plan.finalised.v1")
    for moment in (str(final["position"]), final["time"]):
        view = life.read(knownAt=moment)
        assert (view["sequence"], tuition(view), view["knownAt"]) == (final["sequence"], 3, moment)
    before = life.read(knownAt=final["position"] - 1)
    assert before["phase"] == "DRAFT_ISSUED"
    assert life.officer.get(life.path, knownAt=final["position"], version=2).status_code == 404
    known = life.officer.get(f"{life.path}/history", knownAt=final["position"]).json()["events"]
    assert [event["sequence"] for event in known] == list(range(1, final["sequence"] + 1))
    versions = life.officer.get(f"{life.path}/versions", knownAt=final["position"]).json()["versions"]
    assert [(version["kind"], version["number"]) for version in versions] == [("draft", 1), ("final", 1)]


def test_a_fact_recorded_late_is_in_force_before_it_was_known(life: Life) -> None:
    life.imported()
    opened = life.history()[0]
    changed = text(life.reference, section_i=NAMED, A={"history": "As ordered in January."})
    said = {"amendmentNoticeId": "notice-9", "purpose": "TRIBUNAL_ORDER", "basis": "TRIBUNAL_ORDER"}
    life.record("amend", "2026-06-01", effectiveOn="2026-01-20", sentOn="2026-01-20", plan=changed, **said)
    assert life.read(asAt="2026-02-01")["plan"]["sections"]["A"]["history"] == "As ordered in January."
    then = life.read(asAt="2026-02-01", knownAt=opened["position"])
    assert then["plan"]["sections"]["A"]["history"].startswith("Robin lives")


def test_before_the_record_was_opened_there_is_nothing_to_know(life: Life) -> None:
    life.requested()
    opened = life.history()[0]
    an_instant_before = datetime.fromisoformat(opened["time"]) - timedelta(microseconds=1)
    for moment in (str(opened["position"] - 1), an_instant_before.isoformat().replace("+00:00", "Z")):
        answer = life.officer.get(life.path, knownAt=moment)
        assert answer.status_code == 404
        assert answer.json() == life.serving.officer("936").get(life.path).json()


def test_what_will_be_known_nobody_is_told(life: Life) -> None:
    life.requested()
    ahead = life.serving.platform.store.head()[0] + 1
    for moment in ("2199-01-01T00:00:00Z", str(ahead), "2026-13-01T00:00:00Z", "yesterday"):
        answer = life.officer.get(life.path, knownAt=moment)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/knownAt"


def test_a_difference_is_told_in_words_with_its_place_and_patch(life: Life) -> None:
    amended(life)
    diff = life.officer.get(f"{life.path}/diff", **{"from": 1, "to": 2}).json()
    assert [(c["text"], c["pointer"]) for c in diff["changes"]] == [
        ("Outcome reworded", "/sections/E/outcomes/outcome-1/text"),
        ("Provision: 1 h 30 min -> 1 h a week", "/sections/F/provisions/provision-1/quantity"),
    ]
    assert diff["patch"]["sections"]["F"] == {"provisions": {"provision-1": {"quantity": {"sessions": 2}}}}
    back = life.officer.get(f"{life.path}/diff", **{"from": 2, "to": 1}).json()
    assert back["patch"]["sections"]["F"]["provisions"]["provision-1"]["quantity"] == {"sessions": 3}
    assert life.officer.get(f"{life.path}/diff", **{"from": 1, "to": 1}).json()["changes"] == []
    assert life.officer.get(f"{life.path}/diff", **{"from": 1, "to": 3}).status_code == 404


def test_versions_are_every_legal_text_in_the_order_in_which_they_were_made(life: Life) -> None:
    amended(life)
    versions = life.officer.get(f"{life.path}/versions").json()["versions"]
    told = [(v["kind"], v["number"], v["effectiveOn"]) for v in versions]
    assert told == [
        ("draft", 1, "2026-06-12"), ("final", 1, SENT), ("draft", 1, "2026-10-05"), ("final", 2, AMENDED),
    ]  # fmt: skip


def test_history_comes_in_pages_that_join_without_a_gap(life: Life) -> None:
    life.finalised()
    pages, after = [], 0
    while True:
        page = life.officer.get(f"{life.path}/history", after=after, limit=4).json()
        pages += page["events"]
        if "next" not in page:
            break
        after = page["next"]
    assert pages == life.history()
    assert all(event["title"] and event["law"] for event in pages)


def test_a_single_plan_is_read_with_the_tag_that_acts_are_conditioned_on(life: Life) -> None:
    life.requested()
    read = life.officer.get(life.path)
    assert read.headers["ETag"] == f'"{read.json()["sequence"]}"'
    assert read.headers["Cache-Control"] == "no-store"


def test_an_act_that_broke_the_law_elsewhere_shows_its_finding_in_the_history(life: Life) -> None:
    life.requested()
    life.record("finalise", SENT, **life.finalising_body(plan=text(life.reference, section_i=NAMED)))
    finding = {f["rule"] for f in life.history()[-1]["findings"]}
    assert "out-of-order" in finding


def test_what_is_dated_beyond_the_known_bank_holidays_is_stored_without_a_due_date(life: Life) -> None:
    life.imported()
    aware = {"transferId": "move-1", "awareOn": "2074-06-09", "toLa": "936"}
    life.record("notify-move", "2026-06-01", effectiveOn="2074-06-09", **aware)
    assert life.history()[-1]["data"]["awareOn"] == "2074-06-09"
    assert "in-the-future" in {finding["rule"] for finding in life.history()[-1]["findings"]}
    clocks = life.officer.get(f"{life.path}/clocks").json()["clocks"]
    assert "D20" not in {clock["id"] for clock in clocks}


def test_a_correction_counts_from_its_own_position_on(life: Life) -> None:
    life.requested()
    life.record("decide-request", "2026-04-01", decision="REFUSE", notifiedOn="2026-04-01", reasons="Keyed wrongly")
    wrong = life.history()[-1]
    body = {"decision": "ASSESS", "notifiedOn": "2026-04-01"}
    life.do("correct-entry", "2026-04-02", corrects=wrong["sequence"], reason="The letter says yes", replacement=body)
    assert life.read()["phase"] == "ASSESSING"
    assert life.read(knownAt=wrong["position"])["phase"] == "ASSESSMENT_REFUSED"
    assert life.history()[wrong["sequence"] - 1]["status"] == "superseded"


def test_a_plan_without_any_text_is_read_without_one(platform: Serving) -> None:
    life = Life(platform).requested()
    view = life.read()
    assert "plan" not in view
    assert view["phase"] == "REQUESTED"
    assert life.officer.get(life.path, version=1).status_code == 404
