"""The answer to "may this party see that?": always with its relation, its lawful basis and its reason.

An answer is made of grants, one for each relation in which the caller stands to the plan and each kind of text that
relation opens. Who serves a text asks for `showing(version)`: what of it may be shown, and under which grant; that, the
policy and the number of the version are what a disclosure record needs.
"""

from msgspec import Struct, field

from domain.plan.state import Version

#: The statutory parts of a plan (SEND Regulations 2014 reg 12(1)): twelve, since H1 and H2 are separate.
SECTIONS = frozenset({"A", "B", "C", "D", "E", "F", "G", "H1", "H2", "I", "J", "K"})
#: What can be asked about: a legal text, the history, the duties, the working drafts, or only whether the plan exists.
TEXT, HISTORY, DUTIES, WORKSHOP, EXISTENCE = "text", "history", "duties", "workshop", "existence"
#: By which way an answer leaves.
CHANNELS = ("http", "list", "feed", "signal", "export")


class Question(Struct, frozen=True, kw_only=True):
    """What is asked: which part, by which channel, and which text if it is one; None for any that may be read."""

    part: str = TEXT
    channel: str = "http"
    version: Version | None = None


class Grant(Struct, frozen=True, kw_only=True):
    """What one relation opens: these texts (by the event that carries each), these sections, under this basis.

    Of the sections in `own` only `items` are shown. `advice` are reports of section K that are shown whole where K is a
    list, `withholds` what is left out of the text, in the words of the matrix.
    """

    relation: str
    gateway: str
    reason: str
    sections: frozenset[str] = SECTIONS
    texts: frozenset[int] = frozenset()
    withholds: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    items: frozenset[str] = frozenset()
    advice: frozenset[str] = frozenset()


class Entitlement(Struct, frozen=True, kw_only=True):
    """May it be seen, and if so why and how much. `policy` is the version of the matrix that was asked.

    Without `allowed` nothing else counts, and the caller must not learn that the plan exists. `relation`, `gateway`,
    `reason` and `sections` are those of the grant that answers the question. `told_until` is the last day of which a
    former party is told anything: where the plan has gone since is no longer its business.
    """

    allowed: bool
    policy: str
    reason: str
    relation: str = ""
    gateway: str = ""
    sections: frozenset[str] = frozenset()
    drafts: bool = False
    finals: bool = False
    masked_i: bool = False
    details: bool = False
    history: bool = False
    duties: bool = False
    workshop: bool = False
    before_sealing: bool = False
    hides_location: bool = False
    told_until: str = ""
    grants: tuple[Grant, ...] = field(default=())

    def versions(self, version: Version) -> bool:
        """Whether this legal text may be shown."""
        return self.showing(version) is not None

    def showing(self, version: Version) -> Grant | None:
        """The grant under which a legal text is shown, the widest first; None when it may not be."""
        return next((grant for grant in self.grants if version.sequence in grant.texts), None)
