"""The read models: taking the log in, sharing the lanes, rebuilding, lists."""
