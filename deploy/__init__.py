"""What puts the platform, and the servers that it can use, onto a machine."""
