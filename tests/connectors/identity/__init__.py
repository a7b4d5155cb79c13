"""Signing in, seen from the edge."""
