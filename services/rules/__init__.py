"""Which editions of the rules this installation has adopted, and what they say."""
