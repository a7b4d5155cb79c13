"""Whether a provider says that somebody has shown two factors, each provider in its own claims.

In production that is demanded of everybody but families, by default in the one claim that a standard has for it.
Families are asked where their provider is configured so: a parent's account may have none, and reads one plan.
"""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct, convert

from connectors.identity.claims import Requirement

FAMILY: Final = "family"
#: The method "mfa" of RFC 8176: several factors, whichever they were.
STANDARD: Final = (Requirement(path=("amr",), values=("mfa",)),)


class SecondFactor(Struct, frozen=True, kw_only=True):
    """What a provider must state: one of `accepted`, of `everybody` or of all but families; nothing when it is empty.

    `waived` is why nothing is demanded of a provider that states no factors, in the operator's words.
    """

    accepted: tuple[Requirement, ...]
    everybody: bool = False
    waived: str = ""

    def is_shown(self, claims: Mapping[str, Any], role: str) -> bool:
        """Whether it states it in these claims of somebody with that role."""
        demanded = self.accepted and (self.everybody or role != FAMILY)
        return not demanded or any(requirement.is_met(claims) for requirement in self.accepted)

    @property
    def in_words(self) -> str:
        """What is demanded, for whoever looks after an installation."""
        if self.waived:
            return f"not demanded ({self.waived})"
        claims = " or ".join(".".join(requirement.path) for requirement in self.accepted)
        return f"demanded in {claims}" if claims else "not demanded"


def second_factor(stated: Any, *, development: bool) -> SecondFactor:
    """What is demanded of a provider by its configuration, and where that says nothing by what this is."""
    if stated is None:
        return SecondFactor(accepted=() if development else STANDARD)
    if isinstance(stated, dict):
        return SecondFactor(accepted=(), waived=stated["notStated"])
    return SecondFactor(accepted=tuple(convert(one, Requirement) for one in stated), everybody=True)
