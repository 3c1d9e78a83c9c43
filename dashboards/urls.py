"""Addresses of the pages that cross themes."""

from django.urls import include, path

from dashboards import navigation

THEMES = ("tower", "orders", "centre", "lines", "resources", "kpis", "live")

urlpatterns = [path("start/", navigation.start, name="start")]
urlpatterns += [path("", include(f"dashboards.{theme}.urls")) for theme in THEMES]
