"""Addresses of recording what happened to orders."""

from django.urls import path

from supplychain.recording.views import operations, reports, withdrawals

urlpatterns = [
    path("operations/", operations.operations, name="operations"),
    path("orders/<uuid:order_id>/events/<uuid:event_id>/withdraw/", withdrawals.withdraw_event, name="withdraw_event"),
    path("orders/<uuid:order_id>/report/", reports.report_event, name="report_event"),
]
