"""How a stage ends by attempt and time: by hand, against lifelines, and with little to learn from."""

import numpy as np
import pytest
from lifelines import AalenJohansenFitter

from batches.durations.rules.competing import cumulative_incidence
from batches.durations.rules.curves import median_of, share_below
from batches.durations.rules.endings import with_ends
from batches.durations.rules.runs import CODES, End, PastRun, Runs
from batches.durations.rules.shrinkage import LEANING_ENDS, learn, learned_of_plan
from batches.durations.rules.subjects import PlannedStage, Subject, learn_all

BASE = learned_of_plan(150, 250)


def learned(*runs: PastRun, base=BASE):
    rows = Runs.of(runs)
    return with_ends(learn(rows, base), rows, base)


def fails_after(ends, hours: float) -> float:
    """P(it fails | it has lasted so long), as the simulation has it."""
    fails = ends.first * (1 - share_below(ends.failing, hours))
    return fails / (fails + (1 - ends.first) * (1 - share_below(ends.completing, hours)))


GOOD = [PastRun(140 + number % 21, End.COMPLETED) for number in range(190)]
STUCK = [PastRun(400 + number, End.FAILED) for number in range(10)]


def test_what_hangs_is_the_likelier_to_fail_the_longer_it_hangs():
    ends = learned(*GOOD, *STUCK).ends
    chances = [fails_after(ends, hours) for hours in (0, 100, 145, 158, 170)]
    assert chances == sorted(chances)
    assert chances[0] == pytest.approx(ends.first)
    assert chances[-1] > 0.4 > 0.1 > chances[0]


def test_what_hung_and_failed_makes_no_good_run_longer():
    found = learned(*GOOD, *STUCK)
    assert share_below(found.ends.completing, 165) > 0.96 > share_below(found.curve, 165)
    assert median_of(found.ends.completing) == pytest.approx(150, abs=2)


def test_first_and_repeated_attempts_fail_at_their_own_rate_drawn_to_the_plain_one():
    again = [PastRun(150, End.FAILED, 0.0, True)] * 30 + [PastRun(150, End.COMPLETED, 0.0, True)] * 70
    found = learned(*GOOD, *STUCK, *again)
    plain = found.failed_share
    assert found.ends.first == pytest.approx((10 + LEANING_ENDS * plain) / (200 + LEANING_ENDS))
    assert found.ends.again == pytest.approx((30 + LEANING_ENDS * plain) / (100 + LEANING_ENDS))


def test_without_failures_nothing_is_said_and_after_one_hardly_anything():
    assert learned(*GOOD).ends is None
    found = learned(*GOOD, PastRun(400, End.FAILED))
    assert (found.ends.first, found.ends.again) == pytest.approx((found.failed_share,) * 2, abs=0.002)
    assert fails_after(found.ends, 140) < 0.02


def test_failures_as_late_as_completions_make_time_say_nothing():
    runs = [PastRun(140 + n % 21, End.FAILED if n % 10 == 0 else End.COMPLETED) for n in range(2100)]
    ends = learned(*runs).ends
    assert [fails_after(ends, hours) for hours in (0, 145, 155)] == pytest.approx([ends.first] * 3, abs=0.01)


def test_a_run_at_work_for_long_is_not_forgotten():
    ends = learned(*GOOD[:10], *[PastRun(300, End.CENSORED)] * 10, PastRun(400, End.FAILED)).ends
    assert share_below(ends.completing, 299) < 0.8


def test_a_site_leans_on_its_product_in_its_own_pace():
    plans = [PlannedStage("p", "test", 150, 250, True)]
    slow = [PastRun(2 * run.hours, End.COMPLETED) for run in GOOD]
    found = learn_all(plans, {Subject("p", "here", "test"): [*GOOD, *STUCK], Subject("p", "slow", "test"): slow})
    product, site = found[Subject("p", "", "test")].ends, found[Subject("p", "slow", "test")].ends
    pace = median_of(site.completing) / median_of(product.completing)
    assert median_of(site.failing) == pytest.approx(pace * median_of(product.failing))
    assert site.first < product.first


def test_the_hours_of_failures_are_those_of_lifelines():
    luck = np.random.default_rng(4)
    hours, ends = luck.uniform(1, 100, 300), luck.choice([End.COMPLETED, End.FAILED, End.CENSORED], 300)
    found = cumulative_incidence(Runs.of(map(PastRun, hours, map(End, ends)))).hours_of(End.FAILED)
    fitted = AalenJohansenFitter(calculate_variance=False)
    kinds = [{"completed": 1, "failed": 2, "censored": 0}[one] for one in ends]
    fitted.fit(hours, kinds, event_of_interest=2)
    shares = fitted.cumulative_density_.iloc[:, 0]
    for at in (20.0, 50.0, 80.0):
        exact = float(shares[shares.index <= at].iloc[-1] / shares.iloc[-1])
        assert share_below(found, at) == pytest.approx(exact, abs=0.02)


def test_where_none_has_failed_there_are_no_hours_of_failures():
    with pytest.raises(ValueError, match="failed"):
        cumulative_incidence(Runs.of(GOOD)).hours_of(End.FAILED)


def test_runs_keep_their_attempt_when_they_are_chosen():
    rows = Runs.of([PastRun(1, End.FAILED, 0.0, True), PastRun(2, End.COMPLETED)])
    chosen = rows.where(rows.ends == CODES[End.FAILED])
    assert (chosen.hours.tolist(), chosen.repeats.tolist()) == ([1.0], [True])
