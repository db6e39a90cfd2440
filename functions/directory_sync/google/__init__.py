"""Google Workspace, by the Directory API."""
