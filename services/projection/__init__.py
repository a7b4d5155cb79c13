"""Read models: what the log says, arranged for lists and searches, kept up by projectors that share it by lanes."""
