"""MESH."""
