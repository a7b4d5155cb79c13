"""Tests of subject access requests."""
