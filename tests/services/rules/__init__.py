"""Adopting rules, and what counts once they are adopted."""
