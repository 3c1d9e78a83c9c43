"""Patient orders, what was reported of them, and where they stand on every stage."""

from supplychain.orders.models.events import EventConflict, StatusEvent
from supplychain.orders.models.orders import Identifier, PatientOrder, PatientOrderQuerySet
from supplychain.orders.models.stage_runs import StageRun

__all__ = ["EventConflict", "Identifier", "PatientOrder", "PatientOrderQuerySet", "StageRun", "StatusEvent"]
