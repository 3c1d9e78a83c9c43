"""The forecasts end a stage at work when whoever performs it says that it will, and never before now."""

from datetime import timedelta

import pytest

from batches.forecasts.rules.forecasts import forecast
from tests.batches.builders import FLOW, an_order, at, running
from tests.batches.forecasts.line_builders import line_order, said_of


def order(agreed: float | None = None, times: int = 1):
    given = {"agreed_end_at": at(agreed).isoformat(), "agreed_times": str(times)} if agreed else {}
    return running("expansion", started=0)._replace(**given)


def ends_at(agreed: float | None, now: float) -> float:
    """When the expansion ends by the plain forecast."""
    facts = an_order(order(agreed), done_until="transduction")
    leg = forecast(facts, at(now)).legs["expansion"]
    return (leg.ends.at(at(now)) - at(0)) / timedelta(hours=1)


@pytest.mark.parametrize(("agreed", "now", "ends"), [
    (None, 10, FLOW.stages["expansion"].planned_hours), (250, 10, 250), (250, 200, 250), (250, 260, 261),
])  # fmt: skip
def test_the_plain_forecast_ends_it_as_agreed_and_not_before_now(agreed, now, ends):
    assert ends_at(agreed, now) == ends


def test_the_futures_end_it_about_then():
    usual = said_of(line_order(1, order(), done_until="transduction"), now=100)[1]
    later = said_of(line_order(1, order(400), done_until="transduction"), now=100, paths=400)[1]
    moved = 400 - FLOW.stages["expansion"].planned_hours
    assert later.ready_median == pytest.approx(usual.ready_median + moved, abs=40)
    assert later.ready_low < later.ready_median < later.ready_high


def test_an_agreed_end_that_has_passed_says_nothing_more():
    usual = said_of(line_order(1, order(), done_until="transduction"), now=500)[1]
    assert said_of(line_order(1, order(450), done_until="transduction"), now=500)[1] == usual
