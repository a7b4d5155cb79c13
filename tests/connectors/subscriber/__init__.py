"""The subscriber kit."""
