"""Primary keys: UUID version 7, so that new rows land together at the end of an index (RFC 9562 §5.7)."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A new time-ordered UUID."""
    return uuid7()
