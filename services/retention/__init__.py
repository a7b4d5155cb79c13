"""What is due to be destroyed, destroying it, and what is left to say of it."""
