"""Addresses under `/api/` of events and of the interface's own description."""

from django.urls import path

from supplychain.api.documentation import Docs, Schema
from supplychain.api.events import EventReports
from supplychain.api.orders import OrderEvents

urlpatterns = [
    path("v1/events/", EventReports.as_view(), name="api_events"),
    path("v1/orders/<uuid:order_id>/events/", OrderEvents.as_view(), name="api_order_events"),
    path("schema/", Schema.as_view(), name="schema"),
    path("docs/", Docs.as_view(), name="api_docs"),
]
