"""Servers for a machine without containers: each a small package with `start`, `stop`, `status` and `destroy`.

Plain Python: nothing here needs the platform or its libraries, and the platform needs nothing from here.
"""
