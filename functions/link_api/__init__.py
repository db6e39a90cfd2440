"""What administrators do by hand: mailboxes, aliases, promotion, and whose an address is or was."""
