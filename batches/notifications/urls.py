"""Addresses of the inbox, what a person wants to be told, and the hand-over."""

from django.urls import path

from batches.notifications.views import handovers, inbox, reading, settings

urlpatterns = [
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/live/", inbox.inbox_live, name="inbox_live"),
    path("inbox/count/", inbox.inbox_count, name="inbox_count"),
    path("inbox/read/", reading.read, name="inbox_read"),
    path("inbox/settings/", settings.notification_settings, name="notification_settings"),
    path("inbox/handover/", handovers.handover, name="handover"),
    path("inbox/handover/<uuid:handover_id>/take-over/", handovers.take_over_shift, name="take_over"),
]
