"""The demonstration records: fictional plans at every stage of their life, made by acts like everybody's."""

from services.bootstrap import Platform


def load_demonstration(platform: Platform) -> None:
    """Load the demonstration records, once: a record that holds plans already is left alone."""


def welcome(platform: Platform) -> str:
    """What to try first."""
    return platform.settings.base_url
