"""Addresses of the order list and the order page."""

from django.urls import path

from dashboards.orders.views import list as order_list
from dashboards.orders.views import page

urlpatterns = [
    path("orders/", order_list.orders, name="orders"),
    path("orders/live/", order_list.orders_live, name="orders_live"),
    path("orders/csv/", order_list.orders_csv, name="orders_csv"),
    path("orders/find/", page.find_order, name="find_order"),
    path("orders/<uuid:order_id>/", page.order_page, name="order"),
    path("orders/<uuid:order_id>/record.json", page.order_record_file, name="order_record"),
    path("orders/<uuid:order_id>/live/", page.order_live, name="order_live"),
]
