"""Directory sync: what a directory says of its accounts becomes mailboxes and links, by way of a plan."""
