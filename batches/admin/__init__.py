"""Pools, risk thresholds and the record of flags in the administration."""

from batches.admin import flags, pools, risk_thresholds

__all__ = ["flags", "pools", "risk_thresholds"]
