"""Signals: that something happened to a plan, and to whom that is told. Nothing of what the plan says is in them."""
