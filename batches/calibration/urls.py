"""Addresses of “How right we were”."""

from django.urls import path

from batches.calibration import views

urlpatterns = [
    path("calibration/", views.calibration, name="calibration"),
    path("calibration/predictions/", views.calibration_predictions, name="calibration_predictions"),
    path("calibration/csv/", views.calibration_csv, name="calibration_csv"),
]
