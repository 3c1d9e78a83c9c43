"""Addresses of the control tower."""

from django.urls import path

from dashboards.tower import views

urlpatterns = [
    path("", views.control_tower, name="control_tower"),
    path("live/", views.control_tower_live, name="control_tower_live"),
]
