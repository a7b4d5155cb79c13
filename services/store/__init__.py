"""The event store: sealed, verifiable, append-only, and able to forget."""
