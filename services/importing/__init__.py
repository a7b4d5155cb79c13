"""Plans that exist elsewhere come in: Word files on the national template, digital plans as JSON or NDJSON."""
