"""Word files of councils, read into digital plans."""
