"""Pools and the record of flags in the administration."""

from batches.admin import flags, pools

__all__ = ["flags", "pools"]
