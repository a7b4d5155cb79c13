"""Who was shown what: recorded before the first byte of an answer, and listed for the family, council and auditors."""
