"""Tests of the plan's acts."""
