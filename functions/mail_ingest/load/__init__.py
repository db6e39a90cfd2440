"""Bulk load: an archive kept elsewhere, put under ``import/`` of the mail bucket, is filed message by message."""
