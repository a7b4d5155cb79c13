"""Subject access (UK GDPR Art 15): everything that is held about the child, gone through before any of it is given."""
