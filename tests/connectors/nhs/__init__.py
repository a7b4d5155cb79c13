"""The edge to the NHS."""
