"""Addresses of the chain of identity."""

from django.urls import path

from supplychain.chain.views import identity

urlpatterns = [
    path("orders/<uuid:order_id>/identity/", identity.identity_checks, name="identity_checks"),
    path("orders/<uuid:order_id>/identity/csv/", identity.identity_checks_csv, name="identity_checks_csv"),
]
