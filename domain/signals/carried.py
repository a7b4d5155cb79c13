"""What signals and the feed can carry to a party in a relation: for tables of who is shown what, by which way."""

from domain.access import Policy
from domain.signals.contract import attributes_of
from domain.signals.types import GRANTED, WITHDRAWN, SignalTypes


def carried(types: SignalTypes, policy: Policy, relation: str) -> dict[str, tuple[str, ...]]:
    """The attributes of each type of signal that a party in this relation can be told; none to others.

    No attribute holds content: which sections a relation reads makes no difference here.
    """
    rule = policy.relations.get(relation)
    if rule is None or not rule.lists or relation not in types.followed_in:
        return {}
    told = types.told_to(relation) | {GRANTED, WITHDRAWN}
    return {kind.type: attributes_of(kind) for kind in types.types if kind.type in told}
