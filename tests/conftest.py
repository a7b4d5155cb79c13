"""What every test shares: hypothesis measures no time, and prints what repeats a failure; PostgreSQL for who asks."""

from hypothesis import settings

pytest_plugins = ["tests.support.postgres", "tests.support.softhsm", "tests.support.mesh"]

# Built on the profile in force: where CI is set, hypothesis has chosen one that repeats its examples exactly.
settings.register_profile("ehcp", settings(), deadline=None, print_blob=True)
settings.load_profile("ehcp")
