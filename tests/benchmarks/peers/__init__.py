"""What people would use instead, run on the same data. What is not installed is left out by name."""
