"""Plans that come in."""
