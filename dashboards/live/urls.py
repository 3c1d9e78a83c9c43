"""Addresses of the live stream and the health checks."""

from django.urls import path

from dashboards.live import health, views

urlpatterns = [
    path("stream/", views.stream, name="stream"),
    path("healthz/", health.health, name="health"),
    path("healthz/work/", health.work, name="health_of_work"),
]
