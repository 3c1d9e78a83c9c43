"""Addresses under `/api/` of all floors; the busiest, that of the events, is found first."""

from django.urls import include, path, re_path

from supplychain.rest.endpoints import UnknownAddress

urlpatterns = [
    path("", include("supplychain.api_urls")),
    path("", include("batches.api_urls")),
    re_path(r"", UnknownAddress.as_view(), name="api_unknown_address"),
]
