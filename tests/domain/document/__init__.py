"""Tests of the digital plan as a value."""
