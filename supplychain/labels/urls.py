"""Addresses of labels."""

from django.urls import path

from supplychain.labels.views import labels

urlpatterns = [path("orders/<uuid:order_id>/labels/", labels.order_labels, name="order_labels")]
