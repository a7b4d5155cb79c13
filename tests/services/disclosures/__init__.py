"""Who was shown what."""
