"""Addresses of issued documents."""

from django.urls import path

from supplychain.documents import views

urlpatterns = [path("documents/check/", views.check_document, name="check_document")]
