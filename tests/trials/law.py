"""All that a performed act is held against: the law of the plan, and what may happen to the record and its readers."""

from tests.trials import forbidden, forbidden_to_the_record
from tests.trials.done import RULES, Done

__all__ = ["Done", "forbidden", "forbidden_to_the_record", "violations"]


def violations(done: Done) -> list[str]:
    """What the act has done that the law forbids, as "rule: what"; empty when it was lawful."""
    return [f"{rule.__name__}: {what}" for rule in RULES for what in rule(done)]
