"""Loading the reference data."""
