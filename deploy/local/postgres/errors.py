"""What can go wrong, each as a sentence for the person who started it."""


class PostgresError(Exception):
    """The server did not do what was asked; the message says why."""


class PostgresMissingError(PostgresError):
    """PostgreSQL is not installed here; the message says how to install it."""
