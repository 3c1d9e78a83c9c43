"""Addresses under `/api/`; included after those of the floors above, for the last line takes whatever is left."""

from django.urls import path, re_path

from supplychain.api.documentation import Docs, Schema
from supplychain.api.endpoints import UnknownAddress
from supplychain.api.events import EventReports
from supplychain.api.orders import OrderEvents

urlpatterns = [
    path("v1/events/", EventReports.as_view(), name="api_events"),
    path("v1/orders/<uuid:order_id>/events/", OrderEvents.as_view(), name="api_order_events"),
    path("schema/", Schema.as_view(), name="schema"),
    path("docs/", Docs.as_view(), name="api_docs"),
    re_path(r"", UnknownAddress.as_view(), name="api_unknown_address"),
]
