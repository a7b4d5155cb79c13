"""The refusal of a file that cannot be read as a plan."""

from __future__ import annotations


class DocumentRefused(ValueError):  # a refusal is an answer of the platform, not its failure
    """A file that is not taken in, and why.

    ``code`` is stable and meant for programs (``zip-bomb``); ``sentence`` is for the person who sent the file.
    Neither repeats anything that the file says.
    """

    def __init__(self, code: str, sentence: str) -> None:
        """Keep the stable code and the sentence."""
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
