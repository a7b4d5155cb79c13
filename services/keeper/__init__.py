"""The record keeper: acts in, sealed events on disk out."""
