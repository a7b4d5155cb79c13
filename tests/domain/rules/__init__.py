"""Which editions of the rules count, by the adoption log alone."""
