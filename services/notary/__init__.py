"""The notary: a Merkle tree over a log, and signed statements of its size and root that a stranger can hold it to."""
