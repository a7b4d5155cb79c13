"""Small fictional plans for tests: a document with the items that a test names, and nothing else."""

import json
from pathlib import Path

from domain.document import JsonObject, empty_document, merge_patch

EXAMPLES = Path(__file__).parents[3] / "schemas" / "plan" / "1.0" / "examples"


def example(name: str) -> JsonObject:
    """One of the published example plans: full, minimal or education-otherwise."""
    loaded: JsonObject = json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def plan(**sections: JsonObject) -> JsonObject:
    """An otherwise empty plan with these sections: `plan(F={"provisions": {...}})`."""
    document = empty_document(name="Ottoline Brackenridge", date_of_birth="2014-04-17", sex="F")
    return merge_patch(document, {"sections": sections})


def need(order: int = 1, area: str = "communicationAndInteraction", **more: object) -> JsonObject:
    """A special educational need of section B."""
    return {"order": order, "area": area, "description": f"Need as assessed, {order}", **more}


def provision(order: int = 1, **more: object) -> JsonObject:
    """A quantified item of provision: one hour a week by a speech and language therapist."""
    quantity = {"minutesPerSession": 60, "sessions": 1, "per": "week"}
    role = {"role": "speech and language therapist"}
    return {
        "order": order,
        "what": f"Support as specified, {order}",
        "quantity": quantity,
        "deliveredBy": role,
        **more,
    }


def outcome(order: int = 1, **more: object) -> JsonObject:
    """An outcome."""
    return {"order": order, "text": f"By July 2027 something will be different, {order}", **more}


def threaded() -> JsonObject:
    """A plan whose golden thread is whole: one need, its provision, their outcome."""
    return plan(
        B={"needs": {"need-1": need()}},
        E={"outcomes": {"outcome-1": outcome(needIds=["need-1"])}},
        F={"provisions": {"provision-1": provision(needIds=["need-1"], outcomeIds=["outcome-1"])}},
    )
