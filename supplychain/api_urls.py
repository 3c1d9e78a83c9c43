"""Addresses under `/api/` of events and of the interface's own description."""

from django.urls import path

from supplychain.orders.api.events import EventReports
from supplychain.orders.api.order_events import OrderEvents
from supplychain.rest.documentation import Docs, Schema

urlpatterns = [
    path("v1/events/", EventReports.as_view(), name="api_events"),
    path("v1/orders/<uuid:order_id>/events/", OrderEvents.as_view(), name="api_order_events"),
    path("schema/", Schema.as_view(), name="schema"),
    path("docs/", Docs.as_view(), name="api_docs"),
]
