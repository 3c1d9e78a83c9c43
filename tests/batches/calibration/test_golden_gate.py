"""When a refinement comes into use and when it goes, by hand and on worlds where it helps, hurts or does nothing."""

import numpy as np
import pytest

from batches.calibration.rules.gate import FEWEST_ORDERS, Paired, judge


def pairs(without, refined, came, *, in_weeks: int = 20) -> list[Paired]:
    rows = zip(without, refined, came, strict=True)
    return [
        Paired(number, number % in_weeks, float(before), float(after), bool(late))
        for number, (before, after, late) in enumerate(rows)
    ]


def world(seed: int, helps: float, number: int = 400) -> list[Paired]:
    """Orders with a true chance each; the model says the mean of all, the refinement goes so far towards the truth."""
    luck = np.random.default_rng(seed)
    chances = luck.beta(1.0, 2.0, number)
    came = luck.random(number) < chances
    noisy = 1 / 3 + helps * (chances - 1 / 3) + luck.normal(0, 0.02, number)
    return pairs(np.full(number, 1 / 3), np.clip(noisy, 0, 1), came)


def test_the_scores_are_the_brier_scores_by_hand():
    """0.5 and 0.5 against 1 and 0 is 0.25; 0.9 and 0.2 is (0.01 + 0.04) / 2."""
    found = judge(pairs([0.5, 0.5] * 20, [0.9, 0.2] * 20, [True, False] * 20), was_used=False)
    assert (found.brier_without, found.brier_with) == (pytest.approx(0.25), pytest.approx(0.025))
    assert (found.is_used, found.why) == (True, "In use: Brier 0.250 → 0.025 over 40 past orders.")


def test_what_surely_helps_comes_into_use_and_what_hurts_or_does_nothing_does_not():
    assert sum(judge(world(seed, 1.0), was_used=False).is_used for seed in range(40)) >= 38
    assert sum(judge(world(seed, 0.0), was_used=False).is_used for seed in range(300)) <= 3
    assert not any(judge(world(seed, -0.5), was_used=False).is_used for seed in range(40))


def test_it_goes_when_it_is_worse_and_not_before():
    better, worse = pairs([0.5] * 40, [0.45] * 40, [False] * 40), pairs([0.5] * 40, [0.55] * 40, [False] * 40)
    assert judge(better, was_used=True).is_used
    assert judge(worse, was_used=True).why.startswith("No longer better: not used (Brier 0.250 → 0.30")


def test_a_gain_of_one_week_is_not_sure():
    """One lucky week of ten orders; in all others nothing differs."""
    said = [0.5] * 100
    refined = [0.9 if number % 20 == 7 else 0.5 for number in range(100)]
    assert not judge(pairs(said, refined, [True] * 100), was_used=False).is_used


@pytest.mark.parametrize("was_used", [True, False])
def test_with_too_few_orders_or_weeks_it_stays_as_it_is(was_used):
    few = pairs([0.5] * (FEWEST_ORDERS - 1), [1.0] * (FEWEST_ORDERS - 1), [True] * (FEWEST_ORDERS - 1))
    weeks = pairs([0.5] * 90, [1.0] * 90, [True] * 90, in_weeks=7)
    for some in (few, weeks, []):
        found = judge(some, was_used=was_used)
        assert (found.is_used, found.why[:21]) == (was_used, "Too few orders to say")


def test_what_changes_nothing_is_not_used():
    same = pairs([0.3] * 50, [0.3] * 50, [True, False] * 25)
    assert "changes nothing" in judge(same, was_used=False).why
    assert not judge(same, was_used=True).is_used
