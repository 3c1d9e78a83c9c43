"""Addresses of what people do with flags and of what they are told."""

from django.urls import path

from batches.views import flags, handover, inbox, notification_settings, order_requests, ramp_ups

urlpatterns = [
    path("site/new/", order_requests.request_order, name="request_order"),
    path("flags/<uuid:flag_id>/acknowledge/", flags.acknowledge, name="acknowledge_flag"),
    path("flags/<uuid:flag_id>/take-on/", flags.take_on, name="take_on_flag"),
    path("inbox/read/", inbox.read, name="inbox_read"),
    path("inbox/settings/", notification_settings.notification_settings, name="notification_settings"),
    path("inbox/handover/", handover.handover, name="handover"),
    path("ramp-up/new/", ramp_ups.new_ramp_up, name="new_ramp_up"),
    path("ramp-up/find/", ramp_ups.find_plan, name="find_plan"),
    path("ramp-up/look-ahead/", ramp_ups.look_ahead, name="look_ahead"),
    path("ramp-up/<uuid:scenario_id>/edit/", ramp_ups.edit_ramp_up, name="edit_ramp_up"),
    path("ramp-up/<uuid:scenario_id>/run/", ramp_ups.run_scenario, name="run_ramp_up"),
    path("ramp-up/<uuid:scenario_id>/copy/", ramp_ups.copy_ramp_up, name="copy_ramp_up"),
    path("ramp-up/<uuid:scenario_id>/share/", ramp_ups.share_ramp_up, name="share_ramp_up"),
    path("ramp-up/<uuid:scenario_id>/delete/", ramp_ups.delete_ramp_up, name="delete_ramp_up"),
    path("ramp-up/<uuid:scenario_id>/keep/", ramp_ups.keep_plan, name="keep_plan"),
    path("ramp-up/runs/<uuid:run_id>/cancel/", ramp_ups.cancel_ramp_up_run, name="cancel_ramp_up_run"),
]
