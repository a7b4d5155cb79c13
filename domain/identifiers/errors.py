"""The refusal of an identifier, worded for the person who typed it."""

from __future__ import annotations


class IdentifierError(ValueError):
    """An identifier that cannot be right.

    ``code`` is stable and meant for programs (``nhs-number-check-digit``); ``message`` is one or two
    sentences for a case officer. Neither ever repeats the value, because identifiers of children must not
    reach a log.
    """

    def __init__(self, code: str, message: str) -> None:
        """Keep the stable code and the sentence."""
        super().__init__(message)
        self.code = code
        self.message = message
