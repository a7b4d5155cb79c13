"""The HTTP API: acts in, history out. Nothing here decides; it authenticates, checks form, and speaks HTTP."""
