"""What runs: the record keeper, the event store, read models, audit, the HTTP API, the command line."""
