"""Tests of the servers that a machine without containers starts for itself."""
