"""Addresses of learned durations."""

from django.urls import path

from batches.durations import views

urlpatterns = [
    path("durations/", views.durations, name="durations"),
    path("durations/csv/", views.durations_csv, name="durations_csv"),
]
