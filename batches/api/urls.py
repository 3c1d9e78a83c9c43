"""Addresses under `/api/` of orders and their judgement."""

from django.urls import path

from batches.api.bottlenecks import Bottlenecks
from batches.api.flags import FlagAcknowledgement, Flags, OneFlag
from batches.api.orders import Order, Orders
from batches.api.pools import Pools

urlpatterns = [
    path("v1/orders/", Orders.as_view(), name="api_orders"),
    path("v1/orders/<uuid:order_id>/", Order.as_view(), name="api_order"),
    path("v1/flags/", Flags.as_view(), name="api_flags"),
    path("v1/flags/<uuid:flag_id>/", OneFlag.as_view(), name="api_flag"),
    path("v1/flags/<uuid:flag_id>/acknowledge/", FlagAcknowledgement.as_view(), name="api_acknowledge_flag"),
    path("v1/bottlenecks/", Bottlenecks.as_view(), name="api_bottlenecks"),
    path("v1/pools/", Pools.as_view(), name="api_pools"),
]
