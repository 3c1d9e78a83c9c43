"""The address of requesting an order."""

from django.urls import path

from batches.orders import views

urlpatterns = [
    path("site/new/", views.request_order, name="request_order"),
]
