"""Pools, risk thresholds, escalations and the record of flags in the administration."""

from batches.admin import escalations, flags, pools, risk_thresholds

__all__ = ["escalations", "flags", "pools", "risk_thresholds"]
