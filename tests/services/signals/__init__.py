"""Signals: routing, numbering, the feed, subscriptions, webhooks."""
