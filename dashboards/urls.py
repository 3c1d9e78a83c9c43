"""Addresses of the pages that cross themes."""

from django.urls import include, path

THEMES = ("tower", "orders", "centre", "lines", "resources", "kpis", "live")

urlpatterns = [path("", include(f"dashboards.{theme}.urls")) for theme in THEMES]
