"""Which machine limits a line by its active periods, held against Roser 2002 and its own definition."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from batches.lines.rules.active_periods import ActivePeriods, find_bottlenecks, shares_of, unbroken


def shares(window: int, *machines: list[tuple[int, int]], opened: int = 0) -> list[tuple[int, int, int]]:
    """(momentary, sole, shifting) time of each machine, given its active times."""
    rows = [(index, *span) for index, spans in enumerate(machines) for span in spans]
    resource, start, end = (np.array([row[n] for row in rows], dtype=np.int64) for n in range(3))
    periods = unbroken(resource, start, end)
    found = shares_of(periods, find_bottlenecks(periods), len(machines), opened, window)
    return [
        (int(momentary), int(sole), int(shifting))
        for momentary, sole, shifting in zip(found.momentary, found.sole, found.shifting, strict=True)
    ]


def test_example_a_the_bottleneck_shifts_from_one_machine_to_the_next():
    found = shares(80, [(0, 40)], [(30, 80)], [(5, 10), (20, 28), (60, 75)])
    assert found == [(40, 30, 10), (40, 40, 10), (0, 0, 0)]


def test_example_d_of_two_alike_none_is_the_sole_bottleneck():
    assert shares(40, [(0, 40)], [(0, 40)], [(10, 20)]) == [(40, 0, 40), (40, 0, 40), (0, 0, 0)]


def test_nobody_active_is_no_bottleneck():
    assert shares(100, [(0, 10)], [(50, 60)]) == [(10, 10, 0), (10, 10, 0)]
    assert shares(100, [], []) == [(0, 0, 0), (0, 0, 0)]


def test_the_full_length_counts_and_not_what_has_passed_so_far():
    # At 20 the second has lasted 10 and the third only 5, but the third goes on for longer in all.
    assert shares(60, [(0, 20)], [(10, 30)], [(15, 60)]) == [(20, 15, 5), (0, 0, 0), (40, 40, 5)]


def test_the_named_period_is_held_to_its_end_then_the_longest_of_those_then_active_follows():
    """Roser, Nakano and Tanaka 2002: at 30 the second is longer than the first, at 50 the third is the longest."""
    assert shares(120, [(0, 50)], [(30, 85)], [(45, 120)]) == [(50, 45, 5), (0, 0, 0), (70, 70, 5)]


def test_a_change_over_without_a_pause_does_not_break_an_active_period():
    assert shares(40, [(0, 15), (15, 40)], [(5, 25)]) == [(40, 40, 0), (0, 0, 0)]


def test_three_in_turn_may_leave_the_middle_one_never_alone():
    assert shares(100, [(0, 50)], [(30, 85)], [(45, 100)]) == [(50, 30, 20), (35, 0, 55), (15, 15, 40)]


def test_before_the_window_counts_for_the_length_and_not_for_the_share():
    assert shares(80, [(0, 60)], [(50, 80)], opened=40) == [(20, 10, 10), (20, 20, 10)]


def by_definition(machines, moments):
    """Who is named at each moment, hour by hour: whoever is named stays until its period ends."""
    named, until = [], None
    names: set[int] = set()
    for at in moments:
        if until is None or at >= until:
            active = [
                (end - start, -start, m)
                for m, spans in enumerate(machines)
                for start, end in spans
                if start <= at < end
            ]
            best = max((one[:2] for one in active), default=None)
            names = {m for length, start, m in active if (length, start) == best}
            until = best and best[0] - best[1]
        named.append(names)
    return named


spans = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 12)), max_size=6).map(
    lambda rows: [(start, start + length) for start, length in rows]
)


@settings(deadline=None, max_examples=60)
@given(st.lists(spans, min_size=1, max_size=5), st.randoms())
def test_the_sweep_agrees_with_the_definition_whatever_the_order(machines, random):
    rows = [(index, *span) for index, one in enumerate(machines) for span in one]
    random.shuffle(rows)
    resource, start, end = (np.array([row[n] for row in rows], dtype=np.int64) for n in range(3))
    periods = unbroken(resource, start, end)
    merged = [
        [(int(a), int(b)) for r, a, b in zip(*periods, strict=True) if r == index] for index in range(len(machines))
    ]
    named = by_definition(merged, range(45))
    found = shares(45, *machines)
    assert [momentary for momentary, _, _ in found] == [sum(m in one for one in named) for m in range(len(machines))]
    for momentary, sole, shifting in found:
        assert 0 <= sole <= momentary <= sole + shifting <= 45


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 12)), max_size=6), min_size=1, max_size=4))
def test_merged_periods_of_a_machine_are_apart_and_cover_the_same_time(machines):
    rows = [(index, start, start + length) for index, one in enumerate(machines) for start, length in one]
    resource, start, end = (np.array([row[n] for row in rows], dtype=np.int64) for n in range(3))
    periods: ActivePeriods = unbroken(resource, start, end)
    for index in range(len(machines)):
        covered = {at for r, a, b in rows if r == index for at in range(a, b)}
        merged = [(int(a), int(b)) for r, a, b in zip(*periods, strict=True) if r == index]
        assert covered == {at for a, b in merged for at in range(a, b)}
        assert all(later[0] > earlier[1] for earlier, later in pairwise(merged))
