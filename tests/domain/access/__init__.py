"""Access, decided from the state of a plan alone."""
