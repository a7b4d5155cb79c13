"""Programs for those who work on the platform, each started with `python -m tests.tools.<name>`."""
