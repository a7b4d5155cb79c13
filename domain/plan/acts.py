"""The command side: a party wants to perform, or record, an act."""

from datetime import date

from msgspec import Struct, field

from domain.plan.events import JsonObject

#: The platform does the act now; a breach of law refuses it.
PERFORM = "PERFORM"
#: The act happened elsewhere and is written down; a breach of law becomes a finding. domain: modes of an act.
RECORD = "RECORD"


class Actor(Struct, frozen=True, kw_only=True):
    """Who acts: an opaque subject, its organisation ("la:855", "urn:199101", "ods:QJK", "family"), its role there.

    A subject is somebody's name at `issuer` alone, which is empty for commands and for parties that nobody speaks for.
    A system that acts by itself is nobody where two people are asked for.
    """

    subject: str
    organisation: str
    role: str
    plan_id: str = ""
    contact_id: str = ""
    issuer: str = ""
    is_system: bool = False

    @property
    def person(self) -> str:
        """The one name that nobody else can get: the issuer's, and theirs there."""
        return f"{self.issuer}\x00{self.subject}" if self.issuer else self.subject

    @property
    def is_of_the_platform(self) -> bool:
        """Whether the organisation is none that a plan could name: whoever runs the platform, or audits all of it."""
        return ":" not in self.organisation

    def may_be(self, subject: str | None, issuer: str | None) -> bool:
        """Whether this is who was recorded so; events of before tell no issuer, and then the subject alone counts."""
        return self.subject == subject and (not issuer or not self.issuer or self.issuer == issuer)


class Act(Struct, frozen=True, kw_only=True):
    """An act as asked for: its name in the catalogue, its mode, its legal date and its own data.

    `resolved` holds what the record keeper looked up for it, so that deciding stays pure: the text of the draft that
    the body names (`plan`), the rebuilt data of an event that is being corrected (`replacement`), for which exemptions
    the parts that would be given were marked (`marks`), or what holds records back that it is merged with (`merged`).
    """

    name: str
    mode: str
    effective_on: date
    data: JsonObject
    actor: Actor
    on_behalf_of: str = ""
    evidence: JsonObject = field(default_factory=dict)
    resolved: JsonObject = field(default_factory=dict)

    def on(self, name: str) -> date | None:
        """A date of the act's data, None when it isn't given."""
        value = self.data.get(name)
        return date.fromisoformat(value) if value else None

    def plan_text(self) -> JsonObject | None:
        """The digital plan that this act carries, from its body or from the draft that it names."""
        text: JsonObject | None = self.resolved.get("plan") or self.data.get("plan")
        return text
