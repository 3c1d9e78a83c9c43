"""Addresses of the condition of shipments."""

from django.urls import path

from supplychain.conditions import views

urlpatterns = [
    path("orders/<uuid:order_id>/condition/", views.order_condition, name="order_condition"),
    path(
        "orders/<uuid:order_id>/shipments/<uuid:shipment_id>/readings/",
        views.hand_in_readings,
        name="hand_in_readings",
    ),
    path("orders/<uuid:order_id>/readings/<uuid:delivery_id>/", views.reading_delivery, name="reading_delivery"),
    path("orders/<uuid:order_id>/excursions/<uuid:excursion_id>/", views.decide_on_excursion, name="decide_excursion"),
]
