"""Taking plans in: each is matched with what is on record, becomes a record of its own, or opens a draft amendment.

A plan is matched by its council's local reference, else by a verified NHS number or a UPN, else by the very place in
the very file that it was imported from. More than one match is nobody's to choose: the plan is turned away. Many plans
are written at once, so that they share commits, while the next are prepared; each is on record whole or not at all.
"""

import asyncio
from collections.abc import Iterable, Iterator
from hashlib import sha256
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.document import canonical_json, differences
from domain.errors import Refusal
from domain.plan.acts import RECORD, Actor
from domain.plan.events import JsonObject
from services.drafts import Drafts
from services.errors import AlreadyOnRecord, InvalidContent, NotYours
from services.importing.batches import Batch, in_batches
from services.importing.fresh_ids import with_fresh_ids
from services.importing.matching import Ambiguous, Matcher
from services.importing.reading import DOCX, Candidate, candidates
from services.importing.report import ImportReport, ImportSource, Reject, combined
from services.keeper.bodies import plan_faults
from services.keeper.keeper import RecordKeeper
from services.keeper.openings import Opening
from services.keeper.preparing import Prepared
from services.plans import Plans
from services.requests import ActRequest
from services.rules.in_force import RulesInForce
from services.store.record_store import RecordStore

#: Where the plan stands in the act's body.
PLAN = "/plan"


class _Run(Struct, frozen=True, kw_only=True):
    """What is the same for every plan of a file."""

    source: ImportSource
    digest: str
    actor: Actor


class _UnderWay(Struct, frozen=True, kw_only=True):
    """A batch that was handed to the writer; for each plan what is written, its record, or why there is neither."""

    batch: Batch
    attempts: list[Prepared | UUID | Exception]
    opening: Opening


class Importer:
    """Takes files in, plan by plan."""

    def __init__(
        self, store: RecordStore, plans: Plans, keeper: RecordKeeper, drafts: Drafts, rules: RulesInForce
    ) -> None:
        """Import through the record keeper and the draft workshop."""
        self._store = store
        self._plans = plans
        self._keeper = keeper
        self._drafts = drafts
        self._councils = rules.code_sets["local-authorities"]
        self._matcher = Matcher(store, plans)

    async def take_in(self, content: bytes, source: ImportSource, actor: Actor) -> ImportReport:
        """Import one file, or a slice of one. Raises NotYours for anyone but the council's own officers."""
        if actor.organisation != f"la:{source.council}" or actor.role not in ("case-officer", "send-manager"):
            raise NotYours("Plans are imported by the council's own officers, for their own council.")
        run = _Run(source=source, digest=source.file_sha256 or sha256(content).hexdigest(), actor=actor)
        reports: list[ImportReport] = []
        before: _UnderWay | None = None
        for batch in in_batches(await self._candidates(content, source)):
            if before and batch.shares_an_identifier_with(before.batch):
                reports += await self._settled(before, run)
                before = None
            submitted = self._submitted(batch, run)
            if before:
                reports += await self._settled(before, run)
            before = submitted
            await asyncio.sleep(0)  # others have their turn, whatever this file is full of
        if before:
            reports += await self._settled(before, run)
        return _in_file_order(reports)

    async def _candidates(self, content: bytes, source: ImportSource) -> Iterator[Candidate | Reject]:
        """The file's plans, one at a time; a Word file is read in another thread, since a hostile one takes long."""
        if source.media_type == DOCX:
            return iter(await asyncio.to_thread(lambda: list(candidates(content, source, self._councils))))
        return candidates(content, source, self._councils)

    def _submitted(self, batch: Batch, run: _Run) -> _UnderWay:
        """Hold a batch against the register, and hand what is new to the writer."""
        known = self._matcher.find_each(batch.plans, run.source.council, run.digest)
        new = [self._baseline(plan, run) for plan, record in zip(batch.plans, known, strict=True) if record is None]
        made = iter(self._keeper.prepare_openings(new))
        attempts = [record or next(made) for record in known]
        prepared = [attempt for attempt in attempts if isinstance(attempt, Prepared)]
        return _UnderWay(batch=batch, attempts=attempts, opening=self._keeper.open_together(prepared))

    async def _settled(self, under_way: _UnderWay, run: _Run) -> list[ImportReport]:
        """The reports on a batch, once what is new in it is on disk."""
        opened = iter(await under_way.opening.outcomes())
        turned_away = [ImportReport(rejected=1, rejects=(reject,)) for reject in under_way.batch.rejects]
        return turned_away + [
            await self._report(plan, next(opened), run, new=True)
            if isinstance(attempt, Prepared)
            else await self._report(plan, attempt, run, new=False)
            for plan, attempt in zip(under_way.batch.plans, under_way.attempts, strict=True)
        ]

    async def _report(self, plan: Candidate, outcome: UUID | Exception, run: _Run, *, new: bool) -> ImportReport:
        """The report on one plan. Whatever nobody foresaw is raised: it is not the file's fault."""
        try:
            if isinstance(outcome, AlreadyOnRecord):
                outcome = UUID(outcome.plan_id)
                new = False
            if isinstance(outcome, Exception):
                raise outcome
            updated = not new and await self._amended(outcome, plan, run.digest, run.actor)
            return _taken(plan, str(outcome), created=new, updated=updated)
        except InvalidContent as invalid:
            return _rejected(run.source, plan, ((_in_plan(f.pointer), f.rule, f.text) for f in invalid.faults))
        except Refusal as refusal:
            return _rejected(run.source, plan, ((b.pointer, b.rule, f"{b.text} ({b.law})") for b in refusal.breaches))
        except (Ambiguous, NotYours) as refused:
            return _rejected(run.source, plan, [("", "match", str(refused))])

    async def _amended(self, plan_id: UUID, plan: Candidate, digest: str, actor: Actor) -> bool:
        """Open a draft amendment when the file says something else than the record. Law stays as it is."""
        state = self._plans.current(plan_id)
        if canonical_json(state.document) == canonical_json(plan.document):
            return False
        if faults := plan_faults(plan.document, prefix=PLAN):
            raise InvalidContent(tuple(faults))
        key = f"import-again-{digest[:32]}-{plan.line}"
        if self._store.requests.find(actor.person, key):
            return False
        text = with_fresh_ids(plan.document, state.used_item_ids, state.document)
        body: JsonObject = {"purpose": "IMPORT", "plan": text}
        draft_id = await self._drafts.start(plan_id, self._request("open-draft", body, key, actor, plan.sha256))
        noted: JsonObject = {
            "mode": RECORD,
            "effectiveOn": self._keeper.today().isoformat(),
            "draftId": str(draft_id),
            "differences": len(differences(state.document, text)),
            "sourceFile": {"sha256": digest, "line": plan.line},
            "importedBy": actor.subject,
        }
        await self._keeper.perform(
            plan_id, self._request("update-from-import", noted, f"{key}-noted", actor, plan.sha256)
        )
        return True

    def _baseline(self, plan: Candidate, run: _Run) -> ActRequest:
        source, today = run.source, self._keeper.today().isoformat()
        body: JsonObject = {
            "mode": RECORD,
            "effectiveOn": plan.asserted.get("effectiveOn") or today,
            "council": source.council,
            "plan": plan.document,
            "sourceFile": {"sha256": run.digest, "mediaType": source.media_type, "line": plan.line},
            "importedBy": run.actor.subject,
            **{name: value for name, value in _asserted(plan, source, today).items() if name != "effectiveOn"},
        }
        if "localReference" in plan.document:
            body["localReference"] = plan.document["localReference"]
        return self._request("import-baseline", body, "", run.actor, b"")

    def _request(self, act: str, body: JsonObject, key: str, actor: Actor, sent: bytes) -> ActRequest:
        return ActRequest(act=act, body=body, actor=actor, idempotency_key=key, body_sha256=sent)


def _asserted(plan: Candidate, source: ImportSource, today: str) -> JsonObject:
    """What is asserted of the plan's past. A Word file's move that is still to come has not happened yet."""
    to_come = source.media_type == DOCX and plan.asserted.get("transferredInOn", "") > today
    return {k: v for k, v in plan.asserted.items() if not (to_come and k.startswith("transferred"))}


def _taken(plan: Candidate, plan_id: str, *, created: bool = False, updated: bool = False) -> ImportReport:
    return ImportReport(
        plans=1,
        created=int(created),
        updated=int(updated),
        unplaced=len(plan.document.get("unplacedNotes", ())),
        plan_ids=(plan_id,),
        warnings=plan.notices,
    )


def _rejected(source: ImportSource, plan: Candidate, reasons: Iterable[tuple[str, str, str]]) -> ImportReport:
    rejects = tuple(
        Reject(file=source.name, line=plan.line, pointer=pointer, rule=rule, reason=reason)
        for pointer, rule, reason in reasons
    )
    return ImportReport(rejected=1, rejects=rejects)


def _in_plan(place: str) -> str:
    """A place in the act's body as it stands in the file: what the plan says is told by its place in the plan."""
    return place[len(PLAN) :] if place == PLAN or place.startswith(f"{PLAN}/") else place


def _in_file_order(reports: list[ImportReport]) -> ImportReport:
    whole = combined(reports)
    return replace(whole, rejects=tuple(sorted(whole.rejects, key=lambda reject: reject.line)))
