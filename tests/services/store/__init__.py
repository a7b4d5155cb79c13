"""The event store: what it promises, tested through its own doors."""
