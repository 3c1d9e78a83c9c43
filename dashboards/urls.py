"""Addresses of the pages."""

from django.urls import path

from dashboards.views import control_tower, health, orders, people, stream

urlpatterns = [
    path("", control_tower.control_tower, name="control_tower"),
    path("live/", control_tower.control_tower_live, name="control_tower_live"),
    path("orders/find/", orders.find_order, name="find_order"),
    path("orders/<uuid:order_id>/", orders.order_page, name="order"),
    path("orders/<uuid:order_id>/live/", orders.order_live, name="order_live"),
    path("login/", people.Login.as_view(), name="login"),
    path("logout/", people.Logout.as_view(), name="logout"),
    path("stream/", stream.stream, name="stream"),
    path("healthz/", health.health, name="health"),
]
