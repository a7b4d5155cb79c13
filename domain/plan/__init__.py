"""The plan record: acts, events, and the pure functions between them (`decide`, `evolve`, `fold`)."""
