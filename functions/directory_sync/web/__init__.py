"""What directories that are asked over HTTP have in common."""
