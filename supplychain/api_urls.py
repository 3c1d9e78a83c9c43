"""Addresses under `/api/` of events and of the interface's own description."""

from django.urls import path

from supplychain.chain.api.identity import IdentityChecks
from supplychain.collections.api.collections import Collections, OrderCollections
from supplychain.conditions.api.conditions import Condition
from supplychain.conditions.api.files import OneReadingFile, ReadingFiles
from supplychain.conditions.api.readings import OrderReadings
from supplychain.custody.api.custody import HoldingsNow, OrderCustody
from supplychain.labels.api.labels import Labels
from supplychain.materials.api.lots import Lots
from supplychain.materials.api.materials import Materials
from supplychain.materials.api.trace import Trace
from supplychain.orders.api.catalogue import Catalogue
from supplychain.orders.api.changes import Changes
from supplychain.orders.api.events import EventReports
from supplychain.orders.api.me import Myself
from supplychain.orders.api.order_events import OrderEvents
from supplychain.rest.documentation import Docs, Schema
from supplychain.signatures.api.signatures import Signatures
from supplychain.transport.api.lanes import Lanes
from supplychain.transport.api.shippers import Shippers

urlpatterns = [
    path("v1/me/", Myself.as_view(), name="api_me"),
    path("v1/catalogue/", Catalogue.as_view(), name="api_catalogue"),
    path("v1/changes/", Changes.as_view(), name="api_changes"),
    path("v1/events/", EventReports.as_view(), name="api_events"),
    path("v1/custody/", HoldingsNow.as_view(), name="api_custody"),
    path("v1/orders/<uuid:order_id>/custody/", OrderCustody.as_view(), name="api_order_custody"),
    path("v1/orders/<uuid:order_id>/events/", OrderEvents.as_view(), name="api_order_events"),
    path("v1/lanes/", Lanes.as_view(), name="api_lanes"),
    path("v1/shippers/", Shippers.as_view(), name="api_shippers"),
    path("v1/materials/", Materials.as_view(), name="api_materials"),
    path("v1/collections/", Collections.as_view(), name="api_collections"),
    path("v1/orders/<uuid:order_id>/collections/", OrderCollections.as_view(), name="api_order_collections"),
    path("v1/lots/", Lots.as_view(), name="api_lots"),
    path("v1/labels/", Labels.as_view(), name="api_labels"),
    path("v1/signatures/", Signatures.as_view(), name="api_signatures"),
    path("v1/trace/", Trace.as_view(), name="api_trace"),
    path("v1/orders/<uuid:order_id>/readings/", OrderReadings.as_view(), name="api_readings"),
    path("v1/orders/<uuid:order_id>/reading-files/", ReadingFiles.as_view(), name="api_reading_files"),
    path(
        "v1/orders/<uuid:order_id>/reading-files/<uuid:delivery_id>/",
        OneReadingFile.as_view(),
        name="api_reading_file",
    ),
    path("v1/orders/<uuid:order_id>/condition/", Condition.as_view(), name="api_condition"),
    path("v1/orders/<uuid:order_id>/identity-checks/", IdentityChecks.as_view(), name="api_identity_checks"),
    path("schema/", Schema.as_view(), name="schema"),
    path("docs/", Docs.as_view(), name="api_docs"),
]
