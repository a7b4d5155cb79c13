"""Mistakes that have been made with real plans: one test for each trap, named after it."""
