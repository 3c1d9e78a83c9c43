"""Pools, risk thresholds, escalations and the record of flags in the administration."""

from batches.capacity.admin import pools
from batches.flags import admin as flags
from batches.forecasts import admin as risk_thresholds
from batches.notifications import admin as escalations

__all__ = ["escalations", "flags", "pools", "risk_thresholds"]
