"""The tables of the patient's chain."""

from supplychain.chain.models import IdentityCheck
from supplychain.flows.models import Flow, Product, Stage
from supplychain.orders.models import (
    ChangeNotice,
    EventConflict,
    Identifier,
    PatientOrder,
    SealCheck,
    StageRun,
    StatusEvent,
)
from supplychain.people.models import Membership, User
from supplychain.saved_views.models import SavedView
from supplychain.sites.models import Site
from supplychain.systems.models import SourceSite, SourceSystem
from supplychain.transport.models import Collection, Shipment

__all__ = [
    "ChangeNotice",
    "Collection",
    "EventConflict",
    "Flow",
    "Identifier",
    "IdentityCheck",
    "Membership",
    "PatientOrder",
    "Product",
    "SavedView",
    "SealCheck",
    "Shipment",
    "Site",
    "SourceSite",
    "SourceSystem",
    "Stage",
    "StageRun",
    "StatusEvent",
    "User",
]
