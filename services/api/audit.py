"""Routes by which the logs are held to what was signed of them: checkpoints and proofs, without a word of any plan."""

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from services.api.caller import caller_of
from services.api.openapi import reads
from services.api.plans import answer

routes = APIRouter(tags=["audit"])
LogName = Annotated[
    Literal["plan", "disclosure"], Query(description="The log of plans, or that of who was shown what.")
]
Size = Annotated[
    int | None, Query(ge=1, le=2**53, description="How many entries the log had; what the newest checkpoint states.")
]


@routes.get("/v1/audit/checkpoint", **reads("The newest signed checkpoint of a log", "Checkpoint", 403))
async def read_checkpoint(request: Request, log: LogName = "plan") -> Response:
    """How many entries the log has and their Merkle root, signed: keep it, and hold the log to it later.

    That of the log of plans is for everybody who is signed in, others are for auditors. docs/log-format.md says how a
    stranger verifies it.
    """
    actor, auditing = caller_of(request), request.app.state.platform.notary.auditing
    return answer(await asyncio.to_thread(auditing.checkpoint, actor, log))


@routes.get("/v1/audit/proofs/inclusion", **reads("Proof that an entry is in a log", "InclusionProof", 403))
async def prove_inclusion(
    request: Request,
    position: Annotated[int, Query(ge=1, le=2**53, description="The entry's position in the log.")],
    size: Size = None,
    log: LogName = "plan",
) -> Response:
    """For auditors: the audit path from the entry's leaf to the root of the log as it was of that size."""
    actor, auditing = caller_of(request), request.app.state.platform.notary.auditing
    return answer(await asyncio.to_thread(auditing.inclusion, actor, log, position, size))


@routes.get("/v1/audit/proofs/consistency", **reads("Proof that a log only grew", "ConsistencyProof", 403))
async def prove_consistency(
    request: Request,
    first: Annotated[int, Query(alias="from", ge=1, le=2**53, description="How many entries the log had before.")],
    to: Size = None,
    log: LogName = "plan",
) -> Response:
    """For auditors: that the log of the one size begins with everything that the log of the other held."""
    actor, auditing = caller_of(request), request.app.state.platform.notary.auditing
    return answer(await asyncio.to_thread(auditing.consistency, actor, log, first, to))
