"""The command line, through its own commands."""
