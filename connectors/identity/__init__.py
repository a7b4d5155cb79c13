"""Who is calling: bearer tokens in, a principal out."""
