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
from services.importing.batches import Attempt, Batch, Handful, Kept, attempted, in_handfuls
from services.importing.fresh_ids import with_fresh_ids
from services.importing.matching import Ambiguous, Matcher
from services.importing.reading import DOCX, Candidate, candidates
from services.importing.report import ImportReport, ImportSource, Reject, combined
from services.keeper.bodies import plan_faults
from services.keeper.keeper import RecordKeeper
from services.keeper.openings import NewRecord, Opening
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
    """A batch that was handed to the writer."""

    batch: Batch
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
        before, batch = None, Batch()
        for handful in in_handfuls(await self._candidates(content, source)):
            if batch.shares_an_identifier_with(handful) or (before and before.batch.shares_an_identifier_with(handful)):
                reports += await self._settled(run, before, self._handed_over(batch))
                before, batch = None, Batch()
            batch.add(handful, self._attempts(handful, run))
            if batch.is_full():
                handed_over = self._handed_over(batch)
                reports += await self._settled(run, before)
                before, batch = handed_over, Batch()
            await asyncio.sleep(0)  # others have their turn, whatever this file is full of
        reports += await self._settled(run, before, self._handed_over(batch))
        return _in_file_order(reports)

    async def _candidates(self, content: bytes, source: ImportSource) -> Iterator[Candidate | Reject]:
        """The file's plans, one at a time; a Word file is read in another thread, since a hostile one takes long."""
        if source.media_type == DOCX:
            return iter(await asyncio.to_thread(lambda: list(candidates(content, source, self._councils))))
        return candidates(content, source, self._councils)

    def _attempts(self, handful: Handful, run: _Run) -> list[Attempt]:
        """Hold a handful against the register, and prepare what is new."""
        known = self._matcher.find_each(handful.plans, run.source.council, run.digest)
        new = [self._baseline(plan, run) for plan, record in zip(handful.plans, known, strict=True) if record is None]
        made = iter(self._keeper.prepare_openings(new))
        return [attempted(plan, record or next(made)) for plan, record in zip(handful.plans, known, strict=True)]

    def _handed_over(self, batch: Batch) -> _UnderWay:
        """Hand what is new in a batch to the writer."""
        return _UnderWay(batch=batch, opening=self._keeper.open_together(batch.new))

    async def _settled(self, run: _Run, *under_way: _UnderWay | None) -> list[ImportReport]:
        """The reports on batches, once what is new in them is on disk."""
        reports: list[ImportReport] = []
        for each in filter(None, under_way):
            opened = iter(await each.opening.outcomes())
            reports += [ImportReport(rejected=1, rejects=(reject,)) for reject in each.batch.rejects]
            reports += [
                await self._new(attempt.plan, next(opened), run)
                if isinstance(attempt.outcome, NewRecord)
                else await self._report(attempt.plan, attempt.outcome, run)
                for attempt in each.batch.attempts
            ]
        return reports

    async def _new(self, plan: Candidate | Kept, outcome: UUID | Exception, run: _Run) -> ImportReport:
        """The report on a plan that was to become a record. If another came first, that is the plan's."""
        if isinstance(outcome, UUID):
            return _taken(plan, str(outcome), created=True)
        return await self._report(plan, UUID(outcome.plan_id) if isinstance(outcome, AlreadyOnRecord) else outcome, run)

    async def _report(self, plan: Candidate | Kept, outcome: UUID | Exception, run: _Run) -> ImportReport:
        """The report on a plan by its record. Whatever nobody foresaw is raised: it is not the file's fault."""
        try:
            if isinstance(outcome, Exception):
                raise outcome
            updated = await self._amended(outcome, await self._read(plan, run.source), run.digest, run.actor)
            return _taken(plan, str(outcome), updated=updated)
        except InvalidContent as invalid:
            return _rejected(run.source, plan, ((_in_plan(f.pointer), f.rule, f.text) for f in invalid.faults))
        except Refusal as refusal:
            return _rejected(run.source, plan, ((b.pointer, b.rule, f"{b.text} ({b.law})") for b in refusal.breaches))
        except (Ambiguous, NotYours) as refused:
            return _rejected(run.source, plan, [("", "match", str(refused))])

    async def _read(self, plan: Candidate | Kept, source: ImportSource) -> Candidate:
        """The plan with its document, read again where that was let go."""
        if isinstance(plan, Candidate):
            return plan
        again = next(await self._candidates(plan.written, replace(source, first_line=plan.line)))
        if isinstance(again, Reject):
            raise TypeError("a plan that was read once can't be read again")
        return replace(again, written=plan.written)

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


def _taken(plan: Candidate | Kept, plan_id: str, *, created: bool = False, updated: bool = False) -> ImportReport:
    return ImportReport(
        plans=1,
        created=int(created),
        updated=int(updated),
        unplaced=plan.unplaced,
        plan_ids=(plan_id,),
        warnings=plan.notices,
    )


def _rejected(source: ImportSource, plan: Candidate | Kept, reasons: Iterable[tuple[str, str, str]]) -> ImportReport:
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
