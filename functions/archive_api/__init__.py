"""What a mail user does: read their archive, merged over every address of their mailbox."""
