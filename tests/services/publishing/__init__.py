"""Tests of publication, on a real broker."""
