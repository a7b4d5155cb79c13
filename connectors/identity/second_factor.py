"""Whether a provider says that somebody has shown two factors, each provider in its own claims.

In production that is demanded of everybody, by default in the one claim that a standard has for it. A provider that
states no factors is taken to have asked for one: it needs a written reason, and may then give only the roles that reach
one setting or one plan (ASVS 5.0 6.3.3, 6.8.4). Whoever decides about others' records always shows two.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final

from msgspec import Struct, convert

from connectors.identity.claims import Requirement
from connectors.identity.configuration import ConfigurationFault

#: The method "mfa" of RFC 8176: several factors, whichever they were.
STANDARD: Final = (Requirement(path=("amr",), values=("mfa",)),)
#: The roles that a provider which states no factors may give: each reaches one setting's plans, or one plan.
SINGLE_FACTOR_ROLES: Final = frozenset({"family", "school"})


class SecondFactor(Struct, frozen=True, kw_only=True):
    """What a provider must state: one of `accepted`, of everybody; nothing when it is empty.

    `waived` is why nothing is demanded of a provider that states no factors, in the operator's words.
    """

    accepted: tuple[Requirement, ...]
    waived: str = ""

    def is_shown(self, claims: Mapping[str, Any]) -> bool:
        """Whether it states it in these claims."""
        return not self.accepted or any(requirement.is_met(claims) for requirement in self.accepted)

    @property
    def in_words(self) -> str:
        """What is demanded, for whoever looks after an installation."""
        if self.waived:
            return f"not demanded ({self.waived})"
        claims = " or ".join(".".join(requirement.path) for requirement in self.accepted)
        return f"demanded in {claims}" if claims else "not demanded"


def second_factor(stated: Any, roles: Collection[str], where: str, *, development: bool) -> SecondFactor:
    """What is demanded of a provider by its configuration, and where that says nothing by what this is.

    `roles` are those that it may give, none for all of them. Raises ConfigurationFault.
    """
    if stated is None:
        return SecondFactor(accepted=() if development else STANDARD)
    if isinstance(stated, dict):
        if not development and not (roles and SINGLE_FACTOR_ROLES.issuperset(roles)):
            allowed = " and ".join(sorted(SINGLE_FACTOR_ROLES))
            raise ConfigurationFault(
                f"{where}/signIn/secondFactor: a provider that states no factors may give the roles {allowed} only;"
                " say so in allowedRoles"
            )
        return SecondFactor(accepted=(), waived=stated["notStated"])
    return SecondFactor(accepted=tuple(convert(one, Requirement) for one in stated))
