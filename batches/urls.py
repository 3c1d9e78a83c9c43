"""Addresses of what people do with flags and of what they are told."""

from django.urls import path

from batches.views import flags, handover, inbox, notification_settings, order_requests

urlpatterns = [
    path("site/new/", order_requests.request_order, name="request_order"),
    path("flags/<uuid:flag_id>/acknowledge/", flags.acknowledge, name="acknowledge_flag"),
    path("flags/<uuid:flag_id>/take-on/", flags.take_on, name="take_on_flag"),
    path("inbox/read/", inbox.read, name="inbox_read"),
    path("inbox/settings/", notification_settings.notification_settings, name="notification_settings"),
    path("inbox/handover/", handover.handover, name="handover"),
]
