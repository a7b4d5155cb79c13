"""The HTTP API, used faithfully and with hostility."""
