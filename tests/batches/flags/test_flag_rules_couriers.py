"""Whom to ask about a transport that is late, silent or runs warm."""

import pytest

from batches.flags.rules.judging import judge
from batches.judgement.statuses import FlagCode
from tests.batches.builders import an_order, at, running


@pytest.mark.parametrize(
    ("courier", "number", "ask"),
    [
        ("Polar Lane", "PL723334778", "ask Polar Lane about PL723334778"),
        ("Polar Lane", None, "ask Polar Lane"),
        (None, "PL723334778", "ask the courier about PL723334778"),
    ],
)
@pytest.mark.parametrize("now", [30, 70])
def test_courier_and_tracking_number_are_named_where_they_are_known(courier, number, ask, now):
    run = running("inbound", 1, planned_delivery=25, qualified_until=90)._replace(
        courier=courier, tracking_number=number
    )
    order = an_order(run, done_until="collection", last_recorded=1)
    steps = {one.code: one.next_step for one in judge(order, at(now)).findings if one.stage == "inbound"}
    pressing = (FlagCode.STAGE_LATE, FlagCode.HOLD_EXPIRING) if now == 70 else ()
    due = (FlagCode.SHIPMENT_LATE, *pressing)
    assert all(ask in steps[code] for code in due)


def test_where_neither_is_known_whoever_does_it_is_asked():
    order = an_order(running("inbound", 1, planned_delivery=25), done_until="collection", last_recorded=1)
    steps = {one.code: one.next_step for one in judge(order, at(30)).findings}
    assert FlagCode.SILENT not in steps
    assert "call the courier when it arrives" in steps[FlagCode.SHIPMENT_LATE]
