"""The tables of the patient's chain."""

from supplychain.audit.models import RefusedSigning, Signature
from supplychain.chain.models import IdentityCheck
from supplychain.conditions.models import Excursion, LoggerReading, LoggerRecord, ReadingDelivery, ReadingFilePart
from supplychain.custody.models import CustodyEntry, HandOverLink
from supplychain.documents.models import IssuedReport
from supplychain.flows.models import Flow, Product, Stage
from supplychain.labels.models import Label
from supplychain.materials.models import Lot, LotUse, Material, MaterialParent
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
from supplychain.transport.models import Collection, Lane, Shipment, Shipper

__all__ = [
    "ChangeNotice",
    "Collection",
    "CustodyEntry",
    "EventConflict",
    "Excursion",
    "Flow",
    "HandOverLink",
    "Identifier",
    "IdentityCheck",
    "IssuedReport",
    "Label",
    "Lane",
    "LoggerReading",
    "LoggerRecord",
    "Lot",
    "LotUse",
    "Material",
    "MaterialParent",
    "Membership",
    "PatientOrder",
    "Product",
    "ReadingDelivery",
    "ReadingFilePart",
    "RefusedSigning",
    "SavedView",
    "SealCheck",
    "Shipment",
    "Shipper",
    "Signature",
    "Site",
    "SourceSite",
    "SourceSystem",
    "Stage",
    "StageRun",
    "StatusEvent",
    "User",
]
