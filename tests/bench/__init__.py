"""Benchmarks: each prints its figures and never asserts a time."""
