"""Addresses under `/api/` of all floors. The lowest comes last: it answers whatever no other floor knows."""

from django.urls import include, path

urlpatterns = [
    path("", include("batches.api.urls")),
    path("", include("supplychain.api.urls")),
]
