"""People who sign in at a provider, and what the platform remembers of it."""
