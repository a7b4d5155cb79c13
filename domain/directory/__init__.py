"""The directory: councils, settings, NHS bodies and others, their changing identifiers, and who succeeds whom.

Nothing here is about a person. An organisation is found by any identifier that it ever held; access by relation
compares organisations, not strings, so that it follows an academy conversion or the merger of two health bodies.
"""
