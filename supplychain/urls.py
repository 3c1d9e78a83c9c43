"""Addresses of what people do with the patient's chain, theme by theme."""

from django.urls import include, path

THEMES = ("chain", "orders", "recording", "saved_views", "sign_in")

urlpatterns = [path("", include(f"supplychain.{theme}.urls")) for theme in THEMES]
