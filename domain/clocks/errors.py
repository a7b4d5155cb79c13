"""Why a clock cannot be read or computed."""


class ClockError(ValueError):
    """A clock that does not exist, a fact that was not given, or a table that contradicts itself."""


class MissingFact(ClockError):
    """A date or choice that a clock is computed from was not given; ``fact`` names it."""

    def __init__(self, fact: str) -> None:
        """Keep the name of the fact."""
        super().__init__(f"the clock needs the fact {fact}")
        self.fact = fact


class ClockDoesNotApply(ClockError):
    """The duty does not exist in a case with these facts (D16, for a stay in the own sixth form)."""

    def __init__(self, clock: str) -> None:
        """Keep the id of the clock."""
        super().__init__(f"{clock} does not apply to these facts")
        self.clock = clock
