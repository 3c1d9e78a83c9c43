"""What would help an order in the simulated futures, what it costs others, and pools that are closed."""

import pytest

from batches.forecasts.rules.rescues import Asked, RescueKind, rescues_for, standing_rescue, with_extra_place
from batches.forecasts.rules.thresholds import Thresholds
from batches.forecasts.rules.words import rescue_words
from tests.batches.builders import running, waiting
from tests.batches.forecasts.golden import AFTER_SUITE, SUITE, UNIFORM
from tests.batches.forecasts.line_builders import line_order, said_of, state_of


def test_going_first_helps_one_and_its_harm_to_another_is_told():
    holds = line_order(1, running("expansion", started=0), done_until="transduction")
    first = line_order(2, waiting("selection", ready=80), done_until="receipt", promised=100 + 80 + SUITE + AFTER_SUITE)
    second = line_order(
        3, waiting("selection", ready=90), done_until="receipt", promised=110 + 80 + SUITE + AFTER_SUITE
    )
    state = state_of(holds, first, second, now=100, pools={"suite": 1, "qc_lane": 9})
    index = next(at for at, one in enumerate(state.foreseen) if one.facts.id.int == 3)
    summary = said_of(holds, first, second, now=100, pools={"suite": 1, "qc_lane": 9})[3]

    tried = rescues_for(state, [Asked(index, summary, Thresholds(wait_attention=0.99))], paths=20)[index]

    one = tried[0]
    assert (one.kind, one.late_before, one.late, one.gains) == (RescueKind.GOES_FIRST, 1, 0, True)
    assert (one.worst_before, one.worst_after) == (0, 1)


def test_what_changes_nothing_helps_nobody_however_far_below_its_threshold_it_leaves_them():
    one = line_order(1, waiting("selection", ready=80), done_until="receipt", promised=5_000)
    state = state_of(one, now=100, pools={"suite": 1, "qc_lane": 9})
    summary = said_of(one, now=100, pools={"suite": 1, "qc_lane": 9})[1]
    tried = rescues_for(state, [Asked(0, summary, Thresholds(wait_attention=0.99))], paths=20)[0]
    assert tried
    assert not any(rescue.gains or rescue.helps for rescue in tried)


def test_going_first_is_no_rescue_where_the_others_lose_more_by_it():
    more = 80 + SUITE
    ahead = [
        line_order(
            number, waiting("selection", ready=80 + number), done_until="receipt",
            promised=100 + 80 + SUITE * (number - 1) + AFTER_SUITE,
        )
        for number in (2, 3)
    ]  # fmt: skip
    holds = line_order(1, running("expansion", started=0), done_until="transduction")
    last = line_order(4, waiting("selection", ready=90), done_until="receipt", promised=110 + more + AFTER_SUITE)
    orders, places = (holds, *ahead, last), {"suite": 1, "qc_lane": 9}
    state = state_of(*orders, now=100, pools=places)
    index = next(at for at, one in enumerate(state.foreseen) if one.facts.id.int == 4)
    summary = said_of(*orders, now=100, pools=places)[4]

    first = rescues_for(state, [Asked(index, summary, Thresholds(wait_attention=0.99))], paths=20)[index][0]

    assert (first.kind, first.late_before, first.late) == (RescueKind.GOES_FIRST, 1, 0)
    assert (first.gains, first.helps) == (False, False)


def test_a_rescue_by_which_another_loses_more_than_is_gained_now_is_not_told():
    tried = {"kind": "goes_first", "stage": "disposition", "late_before": 0.62, "late": 0.20, "wait_expires": 0.0,
             "helps": True, "gains": True, "worst_before": 0.1, "worst_after": 0.18}  # fmt: skip
    known = {"found": tried, "tried": [tried]}
    assert [standing_rescue(known, p_late, 0.0)["found"] for p_late in (0.25, 0.29)] == [None, tried]


@pytest.mark.parametrize(
    ("p_late", "p_wait", "is_told"), [(0.22, 0.0, False), (0.24, 0.0, False), (0.26, 0.0, True), (0.22, 0.2, True)]
)
def test_a_rescue_is_told_only_while_it_is_better_than_what_is_said_now(p_late, p_wait, is_told):
    tried = {"kind": "goes_first", "stage": "disposition", "late_before": 0.33, "late": 0.24, "wait_expires": 0.0,
             "helps": True, "gains": True, "worst_after": None}  # fmt: skip
    told = standing_rescue({"found": tried, "tried": [tried]}, p_late, p_wait)
    assert told["found"] == (tried if is_told else None)
    assert told["tried"] == [tried]
    words = rescue_words(told, {"disposition": "Disposition"})
    assert words.startswith("let it go first") if is_told else words == "none of the rescues that were simulated helps"


def test_an_extra_place_lasts_two_weeks_and_keeps_later_steps():
    assert with_extra_place([(-100, 2), (100, 3), (500, 1)]) == [
        (-100, 2), (0, 3), (100, 4), (336, 3), (500, 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("later", "opens_in"), [([], None), ([(9_800, 2)], 9_700)], ids=["no date", "opens after the horizon"]
)
def test_a_wait_for_a_closed_pool_runs_out_in_every_future_and_the_pool_is_named(later, opens_in):
    """100 h after the start, selection waits since 90 h, 48 h are permitted; the suites closed at 80 h."""
    order = line_order(1, waiting("selection", ready=90), done_until="receipt", promised=2_000)
    steps = [(-10_000, 2), (80, 0), *later]

    said = said_of(order, now=100, steps={"suite": steps})[1]

    assert (said.wait_expires.share, said.expires_stage, said.late.share) == (1, "selection", 1)
    assert said.closed == ("selection", opens_in)
    assert said.no_dose.share == (1 if opens_in is None else 0)  # slow is not lost
    assert (said.contributes.stage, said.ready_median) == ("selection", None)


def test_an_open_pool_is_not_called_closed():
    order = line_order(1, waiting("selection", ready=90), done_until="receipt", promised=2_000)
    assert said_of(order, now=100, steps={"suite": [(-10_000, 0), (80, 1)]})[1].closed is None


@pytest.mark.parametrize(("promise", "late"), [({}, None), ({"promised": 2_000}, 1)])
def test_no_dose_comes_of_who_waits_for_a_pool_that_never_opens(promise, late):
    """The suite closed for good at 290 h; the wait has not run out, and a promise makes no difference."""
    order = line_order(1, waiting("selection", ready=299), done_until="receipt", **promise)
    said = said_of(order, now=300, steps={"suite": [(-10_000, 1), (290, 0)]})[1]
    assert (said.no_dose.share, said.late and said.late.share) == (1, late)


def test_futures_left_for_ever_are_no_doses_and_none_of_those_that_are_late():
    """One place, until 400 h. Who holds it now goes on for 0 to 128 hours, evenly spread: the next one gets it before
    the closing, and its dose in time, in the futures in which that is less than 64 hours: half of them."""
    holds = line_order(1, running("harvest", started=336), done_until="expansion")
    waits = line_order(2, waiting("selection", ready=335), done_until="receipt", promised=9_000)
    said = said_of(
        holds, waits, now=336, paths=2_000, steps={"suite": [(-10_000, 1), (400, 0)]}, curves={"harvest": UNIFORM}
    )[2]
    assert said.no_dose.low <= 0.5 <= said.no_dose.high
    assert said.late.share == 0
