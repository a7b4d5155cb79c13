"""Long trials: many rounds from a seed, a line of JSON at the end."""
