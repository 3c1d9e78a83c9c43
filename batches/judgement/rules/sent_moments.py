"""Moments as a sender wrote them, read again. Pure."""

from datetime import datetime


def moment(text: str | None) -> datetime | None:
    """A moment as a sender wrote it (the write path has checked it). Raises ValueError for anything else."""
    if not text:
        return None
    value = datetime.fromisoformat(text)
    if value.tzinfo is None:
        raise ValueError(f"“{text}” is a moment without an offset")
    return value
