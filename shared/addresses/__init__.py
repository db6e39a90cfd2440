"""Alias addresses: the links between people's addresses and their mailboxes, and the one way to change them."""
