"""Organisations that a matter of the plan brings to it for a while: consulted, asked, enquiring, consented to.

The window of each opens and closes with the matter itself: when it was sent, answered, withdrawn, decided or ran out.
"""

from collections.abc import Iterator

from domain.access.parties import SETTING_KINDS
from domain.access.relation import Relation, Window, day_after, earlier, windows
from domain.plan.state import Case, PlanState

TRIBUNAL, OMBUDSMAN = "regulator:send-tribunal", "regulator:lgsco"
INSPECTORATES = frozenset({"regulator:ofsted", "regulator:cqc"})
#: Whose consent is the child's own; else it is a parent's.
OWN_CONSENT = frozenset({"CHILD", "YOUNG_PERSON"})


def consulted(state: PlanState) -> Iterator[Relation]:
    """Settings whose answer is awaited; a matter may name the setting by its own id. Each is given what was chosen."""
    for case in state.open_cases("consultation"):
        for window in windows(case, {"SENT", "ACKNOWLEDGED"}):
            ended = earlier(window.ended, day_after(case.data.get("accessUntil")))
            for setting in _settings_of(case):
                yield Relation(
                    name="consulted-setting",
                    party=setting,
                    since=window.since,
                    ended=ended,
                    by=window.by,
                    matters=frozenset({f"consultation/{case.id}"}),
                    advice=frozenset(case.data.get("adviceShared", ())),
                )


def asked_to_agree(state: PlanState) -> Iterator[Relation]:
    """Bodies whose agreement to an item of section G is awaited (reg 12(2)), with their clinical officers."""
    for case in state.open_cases("health-agreement"):
        for window in windows(case, {"ASKED", "UNANSWERED"}) if "odsCode" in case.data else ():
            for name in ("asked-health-body", "designated-clinical-officer"):
                yield Relation(
                    name=name,
                    party=f"ods:{case.data['odsCode']}",
                    since=window.since,
                    ended=window.ended,
                    by=window.by,
                    matters=frozenset({f"health-agreement/{case.id}"}),
                    items=frozenset({case.id}),
                )


def advisers(state: PlanState) -> Iterator[Relation]:
    """Bodies that were asked for advice; their own reports of section K are theirs."""
    for case in state.open_cases("advice"):
        if "organisation" in case.data:
            yield Relation(
                name="advice-author",
                party=case.data["organisation"],
                since=case.opened_on,
                by=case.opened_by,
                matters=frozenset({f"advice/{case.id}"}),
                items=_own_reports(state, case),
            )


def regulators(state: PlanState) -> Iterator[Relation]:
    """The Tribunal while an appeal is before it, the Ombudsman while an enquiry is open."""
    for kind, party, name, statuses in (
        ("appeal", TRIBUNAL, "tribunal", {"REGISTERED", "OPPOSED"}),
        ("ombudsman", OMBUDSMAN, "ombudsman", {"OPEN"}),
    ):
        for case in state.open_cases(kind):
            for window in windows(case, statuses):
                yield as_recorded(name, party, case, window)


def recipients(state: PlanState) -> Iterator[Relation]:
    """Organisations that a consent or a recorded lawful basis opens the plan to."""
    for case in state.open_cases("consent"):
        for window in windows(case, {"GIVEN"}) if "organisation" in case.data else ():
            basis = "CONSENT_CHILD" if case.data.get("by") in OWN_CONSENT else "CONSENT_PARENT"
            yield as_recorded("consented-recipient", case.data["organisation"], case, window, basis)
    for case in state.open_cases("opened-to"):
        party = str(case.data["organisation"])
        name = "inspectorate" if party in INSPECTORATES else "recorded-recipient"
        for window in windows(case, {"OPEN"}):
            yield as_recorded(name, party, case, window, str(case.data["gateway"]))


def as_recorded(name: str, party: str, case: Case, window: Window, gateway: str = "") -> Relation:
    """A relation whose sections and last day are those that the matter records."""
    stated = case.data.get("sections")
    return Relation(
        name=name,
        party=party,
        since=window.since,
        ended=earlier(window.ended, day_after(case.data.get("until"))),
        by=window.by,
        sections=frozenset(stated) if stated else None,
        gateway=gateway,
    )


def _settings_of(case: Case) -> Iterator[str]:
    if "organisation" in case.data:
        yield case.data["organisation"]
    kind, _, code = case.id.partition("-")
    if kind in SETTING_KINDS:
        yield f"{kind}:{code}"


def _own_reports(state: PlanState, case: Case) -> frozenset[str]:
    """The entries of section K that are this advice: by the document's hash, or by the body's own code."""
    listed = state.document.get("sections", {}).get("K", {}).get("advice", {}).items()
    document, code = case.data.get("documentHash"), case.data["organisation"]
    return frozenset(
        item
        for item, advice in listed
        if (document and advice.get("documentHash") == document) or f"ods:{advice.get('odsCode')}" == code
    )
