"""Clocks: the table, the dates, and its agreement with the acts."""
