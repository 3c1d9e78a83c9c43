"""Addresses of “My centre”."""

from django.urls import path

from dashboards.centre import views

urlpatterns = [
    path("site/", views.site, name="site"),
    path("site/live/", views.site_live, name="site_live"),
]
