"""Addresses of suites, shippers and couriers with their orders."""

from django.urls import path

from dashboards.resources import views

urlpatterns = [
    path("resources/", views.resources, name="resources"),
    path("resources/<slug:kind>/", views.resource, name="resource"),
]
