"""Identifiers of children and organisations."""
