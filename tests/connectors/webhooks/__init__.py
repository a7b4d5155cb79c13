"""Signed messages to subscribers: where they may go, how they are signed, what an endpoint can't do to us."""
