"""Addresses of an order's chain of custody."""

from django.urls import path

from supplychain.custody import views

urlpatterns = [path("orders/<uuid:order_id>/custody/", views.custody_page, name="custody")]
