"""What a message on the mail queue can have wrong; it goes back to the queue, and in the end to its dead letters."""

from addresses.errors import Invalid, Malformed, NotFound


class UnknownNotification(Malformed):
    """The queue's message is neither S3's event nor a notification of SES's S3 action."""


class ForeignBucket(Invalid):
    """The notification names another bucket than the mail bucket."""


class NoSuchObject(NotFound):
    """The object that was announced is not in the mail bucket, or not in that version."""
