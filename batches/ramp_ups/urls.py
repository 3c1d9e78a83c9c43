"""Addresses of ramp-up."""

from django.urls import path

from batches.ramp_ups.views import pages, scenarios

urlpatterns = [
    path("ramp-up/new/", scenarios.new_ramp_up, name="new_ramp_up"),
    path("ramp-up/find/", scenarios.find_plan, name="find_plan"),
    path("ramp-up/look-ahead/", scenarios.look_ahead, name="look_ahead"),
    path("ramp-up/costs/", scenarios.line_costs, name="line_costs"),
    path("ramp-up/", pages.ramp_ups, name="ramp_ups"),
    path("ramp-up/live/", pages.ramp_ups_live, name="ramp_ups_live"),
    path("ramp-up/<uuid:scenario_id>/", pages.ramp_up, name="ramp_up"),
    path("ramp-up/<uuid:scenario_id>/live/", pages.ramp_up_live, name="ramp_up_live"),
    path("ramp-up/<uuid:scenario_id>/csv/", pages.ramp_up_csv, name="ramp_up_csv"),
    path("ramp-up/<uuid:scenario_id>/json/", pages.ramp_up_json, name="ramp_up_json"),
    path("ramp-up/<uuid:scenario_id>/edit/", scenarios.edit_ramp_up, name="edit_ramp_up"),
    path("ramp-up/<uuid:scenario_id>/run/", scenarios.run_scenario, name="run_ramp_up"),
    path("ramp-up/<uuid:scenario_id>/copy/", scenarios.copy_ramp_up, name="copy_ramp_up"),
    path("ramp-up/<uuid:scenario_id>/share/", scenarios.share_ramp_up, name="share_ramp_up"),
    path("ramp-up/<uuid:scenario_id>/delete/", scenarios.delete_ramp_up, name="delete_ramp_up"),
    path("ramp-up/<uuid:scenario_id>/keep/", scenarios.keep_plan, name="keep_plan"),
    path("ramp-up/runs/<uuid:run_id>/cancel/", scenarios.cancel_ramp_up_run, name="cancel_ramp_up_run"),
]
