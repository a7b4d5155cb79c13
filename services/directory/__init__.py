"""The directory at work: kept in its own log, filled from published extracts, asked by access, the API and people."""
