"""Addresses of what is asked of collections."""

from django.urls import path

from supplychain.collections.views import order_collection

urlpatterns = [
    path("orders/<uuid:order_id>/collections/<slug:stage>/", order_collection, name="order_collection"),
]
