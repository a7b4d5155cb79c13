"""The record keeper: from a request to what is stored."""
