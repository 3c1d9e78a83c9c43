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


def under_way(delivery: float | None, cold: float | None = None):
    """A shipment that left in the hour 0, with its booked delivery."""
    given = {name: hours for name, hours in (("planned_delivery", delivery), ("qualified_until", cold)) if hours}
    return running("inbound", started=0, **given)


def arrives_at(delivery: float | None, now: float, cold: float | None = None) -> float:
    facts = an_order(under_way(delivery, cold), done_until="collection")
    leg = forecast(facts, at(now)).legs["inbound"]
    return (leg.ends.at(at(now)) - at(0)) / timedelta(hours=1)


USUAL = FLOW.stages["inbound"].planned_hours


@pytest.mark.parametrize(("delivery", "now", "cold", "arrives"), [
    (None, 1, None, USUAL), (USUAL + 10, 1, None, USUAL + 10), (USUAL - 5, 1, None, USUAL - 5),
    (USUAL + 10, USUAL + 9.5, None, USUAL + 10), (USUAL - 5, USUAL - 4, None, USUAL),
    (USUAL + 40, USUAL + 10, USUAL + 5, USUAL + 10 + USUAL / 10), (USUAL + 40, USUAL + 4, USUAL + 5, USUAL + 40),
])  # fmt: skip
def test_what_is_under_way_arrives_as_booked_while_that_lies_ahead_and_the_cold_lasts(delivery, now, cold, arrives):
    assert arrives_at(delivery, now, cold) == pytest.approx(arrives)


def test_the_forecast_is_looked_at_again_when_a_booked_delivery_passes():
    facts = an_order(under_way(USUAL + 10, USUAL + 30), done_until="collection")
    assert at(USUAL + 10) in forecast(facts, at(1)).jumps_at


def test_the_futures_arrive_about_when_the_delivery_is_booked():
    usual = said_of(line_order(1, under_way(None), done_until="collection"), now=1)[1]
    later = said_of(line_order(1, under_way(USUAL + 100), done_until="collection"), now=1, paths=400)[1]
    assert later.ready_median == pytest.approx(usual.ready_median + 100, abs=20)


def test_a_booked_delivery_that_has_passed_says_nothing_more():
    usual = said_of(line_order(1, under_way(None), done_until="collection"), now=50)[1]
    assert said_of(line_order(1, under_way(49), done_until="collection"), now=50)[1] == usual


def test_the_path_says_that_an_end_is_agreed_or_booked_and_no_median():
    facts = an_order(order(250), done_until="transduction")
    assert forecast(facts, at(10)).steps[0].basis == "its end as agreed"
    facts = an_order(under_way(20), done_until="collection")
    assert forecast(facts, at(10)).steps[0].basis == "its end as booked"
    assert forecast(an_order(under_way(None), done_until="collection"), at(10)).steps[0].basis == "planned"
