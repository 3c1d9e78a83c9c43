"""Addresses of what people do with the patient's chain, theme by theme."""

from django.urls import include, path

THEMES = (
    "chain", "collections", "documents", "orders", "materials", "labels", "conditions", "recording", "saved_views",
    "sign_in", "signatures", "custody",
)  # fmt: skip

urlpatterns = [path("", include(f"supplychain.{theme}.urls")) for theme in THEMES]
