"""Addresses of what people do with the patient's chain."""

from django.urls import path

from supplychain.views import operations, order_reports, saved_views

urlpatterns = [
    path("operations/", operations.operations, name="operations"),
    path("orders/<uuid:order_id>/report/", order_reports.report_event, name="report_event"),
    path("orders/views/", saved_views.save_view, name="save_view"),
    path("orders/views/<uuid:view_id>/rename/", saved_views.rename_view, name="rename_view"),
    path("orders/views/<uuid:view_id>/delete/", saved_views.delete_view, name="delete_view"),
]
