"""The command line `ehcp`. Exit codes: 0 done, 1 refused, 2 misuse."""
