"""Signals on their way: rows made by the router, read by deliverers (feed, webhooks, and those of other channels)."""
