"""Addresses of “Alarms”."""

from django.urls import path

from batches.alarms import views

urlpatterns = [
    path("alarms/", views.alarms, name="alarms"),
    path("alarms/csv/", views.alarms_csv, name="alarms_csv"),
    path("alarms/thresholds/csv/", views.alarm_thresholds_csv, name="alarm_thresholds_csv"),
]
