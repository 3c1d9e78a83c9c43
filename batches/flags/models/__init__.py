"""Flags and their changes."""

from batches.flags.models.flags import OF_EVIDENCE, Flag, FlagChange

__all__ = ["OF_EVIDENCE", "Flag", "FlagChange"]
