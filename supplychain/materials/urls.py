"""Addresses of materials and of their trace."""

from django.urls import path

from supplychain.materials.views import record, trace

urlpatterns = [
    path("trace/", trace.trace_page, name="trace"),
    path("orders/<uuid:order_id>/materials/", record.order_materials, name="order_materials"),
]
