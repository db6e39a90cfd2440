"""Where on a sheet the list is, and which of its columns holds what: the header, or what has none."""
