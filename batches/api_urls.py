"""Addresses under `/api/` of orders and their judgement."""

from django.urls import path

from batches.alarms.api import Alarms
from batches.calibration.api import Calibration
from batches.durations.api import Durations
from batches.flags.api.causes import Causes
from batches.flags.api.flags import Flags, OneFlag
from batches.flags.api.handling import FlagAcknowledgement, FlagOwnership
from batches.forecasts.api import Predictions
from batches.lines.api.bottlenecks import Bottlenecks
from batches.lines.api.pools import Pools
from batches.orders.api.orders import Order, Orders
from batches.ramp_ups.api import RampUp, RampUpRun, RampUpRuns, RampUps

urlpatterns = [
    path("v1/orders/", Orders.as_view(), name="api_orders"),
    path("v1/orders/<uuid:order_id>/", Order.as_view(), name="api_order"),
    path("v1/causes/", Causes.as_view(), name="api_causes"),
    path("v1/flags/", Flags.as_view(), name="api_flags"),
    path("v1/flags/<uuid:flag_id>/", OneFlag.as_view(), name="api_flag"),
    path("v1/flags/<uuid:flag_id>/acknowledge/", FlagAcknowledgement.as_view(), name="api_acknowledge_flag"),
    path("v1/flags/<uuid:flag_id>/owner/", FlagOwnership.as_view(), name="api_own_flag"),
    path("v1/calibration/", Calibration.as_view(), name="api_calibration"),
    path("v1/alarms/", Alarms.as_view(), name="api_alarms"),
    path("v1/predictions/", Predictions.as_view(), name="api_predictions"),
    path("v1/bottlenecks/", Bottlenecks.as_view(), name="api_bottlenecks"),
    path("v1/durations/", Durations.as_view(), name="api_durations"),
    path("v1/pools/", Pools.as_view(), name="api_pools"),
    path("v1/ramp-ups/", RampUps.as_view(), name="api_ramp_ups"),
    path("v1/ramp-ups/<uuid:scenario_id>/", RampUp.as_view(), name="api_ramp_up"),
    path("v1/ramp-ups/<uuid:scenario_id>/runs/", RampUpRuns.as_view(), name="api_ramp_up_runs"),
    path("v1/ramp-ups/runs/<uuid:run_id>/", RampUpRun.as_view(), name="api_ramp_up_run"),
]
