"""The tables of the patient's chain."""

from supplychain.models.collections import Collection
from supplychain.models.events import EventConflict, StatusEvent
from supplychain.models.flows import Flow, Product, Stage
from supplychain.models.orders import Identifier, PatientOrder
from supplychain.models.people import Membership, User
from supplychain.models.saved_views import SavedView
from supplychain.models.shipments import Shipment
from supplychain.models.sites import Site
from supplychain.models.sources import SourceSite, SourceSystem
from supplychain.models.stages import StageRun

__all__ = [
    "Collection",
    "EventConflict",
    "Flow",
    "Identifier",
    "Membership",
    "PatientOrder",
    "Product",
    "SavedView",
    "Shipment",
    "Site",
    "SourceSite",
    "SourceSystem",
    "Stage",
    "StageRun",
    "StatusEvent",
    "User",
]
