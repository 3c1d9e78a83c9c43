"""Addresses of manufacturing and the judgement, theme by theme."""

from django.urls import include, path

THEMES = ("orders", "flags", "notifications", "ramp_ups", "calibration", "alarms", "durations")

urlpatterns = [path("", include(f"batches.{theme}.urls")) for theme in THEMES]
