"""Programs of `make security`: is anything that was written, or that is used, known to be dangerous?"""
