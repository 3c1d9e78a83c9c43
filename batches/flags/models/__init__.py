"""Flags and their changes."""

from batches.flags.models.flags import Flag, FlagChange

__all__ = ["Flag", "FlagChange"]
