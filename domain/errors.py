"""Why something was refused, in words that a case officer understands and with the law that says so."""

from msgspec import Struct


class Breach(Struct, frozen=True, kw_only=True):
    """One rule that an act would break.

    `rule` is a stable code (kebab-case), `law` the provision ("SEND Regulations 2014 reg 13(1)(a)"), `text` a sentence,
    `pointer` an RFC 6901 JSON Pointer into the act's body ("" for the whole of it).
    """

    rule: str
    law: str
    text: str
    pointer: str = ""


class Refusal(Exception):
    """An act was refused; nothing has changed. `breaches` says which rules, and is never empty."""

    def __init__(self, breaches: tuple[Breach, ...]) -> None:
        """Keep the breaches; the exception's own text holds rule codes only, never content."""
        super().__init__(", ".join(breach.rule for breach in breaches))
        self.breaches = breaches
