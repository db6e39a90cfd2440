"""What a mail system does: deliver messages, each filed once for every internal address it reached."""
