"""Exactly in time is in time: sums of tenths of an hour, in whatever order the computer adds them."""

import random
from fractions import Fraction

import numpy as np
import pytest

from batches.simulation.rules.futures import simulate
from batches.simulation.rules.moments import is_after
from batches.simulation.rules.network import RUNNING, OrderAhead, Visit, network
from tests.batches.simulation.lines import always, futures_of, through_a_suite


def one_after_the_other(tenths: list[int], **order) -> tuple:
    """Stages of so many tenths of an hour, the last one the infusion."""
    visits = [Visit(f"s{at}", at, (at - 1,) if at else ()) for at in range(len(tenths))]
    visits.append(Visit("infusion", len(tenths), (len(tenths) - 1,)))
    curves = [always(tenth / 10) for tenth in tenths] + [always(0)]
    return OrderAhead(1, visits, exit=len(tenths), **order), curves


def promised(tenths: list[int], more: Fraction = Fraction(0)) -> int:
    order, curves = one_after_the_other(tenths, promised_at=float(Fraction(sum(tenths), 10) + more))
    return int(simulate(network([order], [], curves)[0], paths=1).late[0])


def test_what_ends_exactly_at_its_promise_is_in_time():
    draw = random.Random(20261127)
    lines = [[draw.randint(1, 2_000) for _ in range(6)] for _ in range(300)]
    assert sum(promised(tenths) for tenths in lines) == 0
    minute = Fraction(1, 60)
    assert sum(promised(tenths, -minute) for tenths in lines) == 300


def test_a_wait_of_exactly_what_is_permitted_has_not_run_out():
    draw = random.Random(7)
    for _ in range(100):
        tenths = [draw.randint(1, 2_000) for _ in range(6)]
        wait = float(Fraction(sum(tenths), 10))
        chain = tuple(Visit(f"s{at}", at, (at - 1,) if at else (), pool=0, keeps=at > 0) for at in range(6))
        holds = OrderAhead(1, (*chain, Visit("infusion", 6, (5,))), exit=6)
        waits = OrderAhead(2, (Visit("suite", 6, pool=0, longest_wait=wait), Visit("infusion", 6, (0,))), exit=1)
        curves = [always(tenth / 10) for tenth in tenths] + [always(0)]
        assert list(futures_of([holds, waits], [(0.0, 1)], curves).expired) == [0, 0]


def test_who_is_ready_exactly_at_the_booked_moment_is_in_time_for_it():
    """0.1 + 0.2 h is 0.30000000000000004 h; at that moment another one has waited longer for the only place."""
    before = (Visit("a", 2), Visit("b", 3, (0,)))
    booked = (*before, Visit("suite", 0, (1,), pool=0, booked_at=0.3), Visit("infusion", 1, (2,)))
    holds = OrderAhead(9, (Visit("suite", 4, pool=0, state=RUNNING), Visit("infusion", 1, (0,))), exit=1)
    orders = [through_a_suite(1, begins_at=0.2), OrderAhead(2, booked, exit=3), holds]
    curves = [always(10), always(0), always(0.1), always(0.2), always(5)]
    assert list(futures_of(orders, [(0.0, 1)], curves).ready[:2, 0]) == pytest.approx([25, 15])


def test_the_tolerance_is_half_a_minute_for_numbers_and_arrays():
    second = 1 / 3600
    assert [bool(is_after(100 + late * second, 100.0)) for late in (-60, 0, 29, 31)] == [False, False, False, True]
    assert list(is_after(np.array([1.0, 2.0, np.nan, np.inf]), 1.0)) == [False, True, False, True]
