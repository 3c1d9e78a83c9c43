"""Addresses of what people ask of an order's record."""

from django.urls import path

from supplychain.orders import views

urlpatterns = [path("orders/<uuid:order_id>/seal/", views.verify_seal, name="verify_seal")]
