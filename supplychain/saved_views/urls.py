"""Addresses of the views of the order list that people keep."""

from django.urls import path

from supplychain.saved_views import views

urlpatterns = [
    path("orders/views/", views.save_view, name="save_view"),
    path("orders/views/<uuid:view_id>/rename/", views.rename_view, name="rename_view"),
    path("orders/views/<uuid:view_id>/delete/", views.delete_view, name="delete_view"),
]
