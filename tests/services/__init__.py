"""What runs, part by part."""
