"""What every test shares: hypothesis measures no time, and prints what repeats a failure; servers for who asks."""

from hypothesis import settings

pytest_plugins = [
    "tests.support.kafka",
    "tests.support.mesh",
    "tests.support.postgres",
    "tests.support.softhsm",
]

# Built on the profile in force: where CI is set, hypothesis has chosen one that repeats its examples exactly.
settings.register_profile("ehcp", settings(), deadline=None, print_blob=True)
settings.load_profile("ehcp")
