"""Tests of the domain: the law and the record as pure functions."""
