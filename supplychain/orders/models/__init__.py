"""Patient orders, what was reported of them, and where they stand on every stage."""

from supplychain.orders.models.changes import ChangeNotice, FeedCursor
from supplychain.orders.models.due import DueMark, DueOrder
from supplychain.orders.models.events import EventConflict, StatusEvent
from supplychain.orders.models.orders import Identifier, PatientOrder, PatientOrderQuerySet, takes_part_in
from supplychain.orders.models.seal_checks import SealCheck
from supplychain.orders.models.stage_runs import StageRun

__all__ = [
    "ChangeNotice",
    "DueMark",
    "DueOrder",
    "EventConflict",
    "FeedCursor",
    "Identifier",
    "PatientOrder",
    "PatientOrderQuerySet",
    "SealCheck",
    "StageRun",
    "StatusEvent",
    "takes_part_in",
]
