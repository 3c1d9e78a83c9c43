"""What the ledger of forecasts keeps."""

import pytest

from batches.forecasts.rules.forecasts import forecast
from batches.forecasts.rules.ledger import has_moved
from tests.batches.builders import (
    an_order,
    at,
    waiting,
)
from tests.batches.forecasts.forecast_readings import FROM_QC, standing


@pytest.mark.parametrize(
    ("before", "last_word", "moved"),
    [
        (None, 0, True),
        (standing(FROM_QC), 0, False),
        (standing(FROM_QC - 0.9), 5, False),
        (standing(FROM_QC - 1), 5, True),
        (standing(FROM_QC + 1), 5, True),
        (standing(FROM_QC - 5.9), 0, False),
        (standing(FROM_QC - 6), 0, True),
        (standing(FROM_QC, promised=1001), 0, True),
        (standing(FROM_QC, promised=None), 0, True),
    ],
)
def test_the_ledger_keeps_what_tells(before, last_word, moved):
    order = an_order(waiting("qc_release_tests"), done_until="harvest", promised=1000)

    assert has_moved(before, forecast(order, at(0)), at(last_word)) is moved


@pytest.mark.parametrize(("before", "moved"), [(FROM_QC - 0.5, False), (FROM_QC - 1, True), (FROM_QC - 0.2, False)])
def test_close_to_the_promise_the_ledger_keeps_every_hour(before, moved):
    promised = FROM_QC + 10
    order = an_order(waiting("qc_release_tests"), done_until="harvest", promised=promised)

    assert has_moved(standing(before, promised), forecast(order, at(0)), at(0)) is moved


def test_the_ledger_keeps_the_change_from_in_time_to_too_late():
    order = an_order(waiting("qc_release_tests"), done_until="harvest", promised=FROM_QC - 0.1)

    assert has_moved(standing(FROM_QC - 0.2, FROM_QC - 0.1), forecast(order, at(0)), at(0)) is True
