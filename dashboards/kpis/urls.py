"""Addresses of the key figures."""

from django.urls import path

from dashboards.kpis import views

urlpatterns = [
    path("kpis/", views.kpis, name="kpis"),
    path("kpis/csv/", views.kpis_csv, name="kpis_csv"),
]
