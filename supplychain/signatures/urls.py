"""Addresses of the list of signatures."""

from django.urls import path

from supplychain.signatures import views

urlpatterns = [
    path("signatures/", views.signatures, name="signatures"),
    path("signatures/csv/", views.signatures_csv, name="signatures_csv"),
]
