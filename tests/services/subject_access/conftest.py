"""A platform on either database with a plan of which somebody asks what is held."""

from tests.services.disclosures.conftest import embedded, life, log, on_postgresql, platform

__all__ = ["embedded", "life", "log", "on_postgresql", "platform"]
