"""What readings say: limits with their threshold inside, single and cumulative, gaps, mean kinetic temperature."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplychain.conditions.rules.judging import digest_of, judge_readings
from supplychain.conditions.rules.kinetic import highest_mean_kinetic, mean_kinetic
from supplychain.conditions.rules.thinning import thinned
from supplychain.flows.rules.storage import StorageProblem, read_storage

COLD = {
    "name": "Refrigerated", "from": 2, "to": 8, "mean_kinetic": 8,
    "limits": [
        {"at_least": 30, "minutes": 0}, {"at_least": 8.1, "minutes": 30}, {"at_most": 1.9, "minutes": 30},
        {"at_least": 8.1, "minutes": 120, "cumulative": True},
    ],
}  # fmt: skip
FROZEN = {
    "name": "Frozen", "to": -150,
    "limits": [{"at_least": -149.9, "minutes": 30}, {"at_least": -130}],
}  # fmt: skip
MINUTE = 60.0


def judged(temperatures, said=COLD, every=5 * MINUTE, begun=0.0, ended=None, at=None):
    """Readings in °C at a steady interval."""
    moments = at or [number * every for number in range(len(temperatures))]
    return judge_readings(moments, [round(one * 100) for one in temperatures], read_storage(said), begun, ended)


def words(found) -> list[str]:
    return [one.words for one in found.broken]


def test_the_published_vector_of_mean_kinetic_temperature():
    hour = 3600
    found = mean_kinetic([(2000, 2 * hour), (200, 4 * hour), (2500, hour)])
    assert found == pytest.approx(15.6775, abs=0.0005)
    assert round(found, 1) == 15.7


def test_a_steady_temperature_is_its_own_mean():
    assert mean_kinetic([(500, 3), (500, 4)]) == pytest.approx(5.0)
    assert mean_kinetic([]) is None


@pytest.mark.parametrize(("warmest", "is_broken"), [(30.0, True), (29.9, False), (29.99, False)])
def test_the_threshold_itself_is_inside_the_alarm(warmest, is_broken):
    assert ("30 °C or warmer at any time" in words(judged([5, warmest, 5]))) is is_broken


@pytest.mark.parametrize(("readings", "is_broken"), [(6, True), (5, False)])
def test_a_single_excursion_counts_once_it_has_lasted_as_long_as_is_allowed(readings, is_broken):
    found = judged([5, *[8.1] * readings, 5])
    assert words(found) == (["8.1 °C or warmer for 30 minutes"] if is_broken else [])


def test_cumulative_times_are_counted_together():
    short = [8.1] * 4 + [5]
    assert words(judged([5, *short * 5])) == []
    found = judged([5, *short * 6, 5])
    assert words(found) == ["8.1 °C or warmer for 120 minutes in all"]
    assert found.broken[0].minutes == 120


def test_one_that_still_stands_counts_to_the_last_reading():
    assert words(judged([5, *[1.9] * 7])) == ["1.9 °C or colder for 30 minutes"]
    assert words(judged([5, *[1.9] * 6])) == []


def test_a_gap_is_seen_and_counts_as_out_only_where_both_its_ends_are():
    silence = [0, 300, 600, 600 + 7200, 600 + 7500]
    both = judged([5, 5, 9, 9, 5], at=silence)
    assert [one.minutes for one in both.gaps] == [120]
    assert words(both) == ["8.1 °C or warmer for 30 minutes", "8.1 °C or warmer for 120 minutes in all"]
    assert words(judged([5, 5, 9, 5, 5], at=silence)) == []


def test_a_logger_that_began_late_or_ended_early_leaves_gaps():
    found = judge_readings([3600, 3900, 4200], [500] * 3, read_storage(COLD), 0, 9000)
    assert [one.minutes for one in found.gaps] == [60, 80]


def test_what_was_read_before_the_shipment_began_and_after_it_ended_is_not_judged_and_counted():
    found = judged([40, 5, 5, 40], begun=300, ended=600)
    assert (found.count, found.outside, found.broken) == (2, 2, ())
    before = judge_readings([0, 300], [4000, 4000], read_storage(COLD), None, None)
    assert (before.count, before.outside, before.broken) == (0, 2, ())


def test_frozen_cells_have_no_mean_kinetic_temperature():
    found = judged([-190, -149.9, *[-140] * 6, -129.9, -190], said=FROZEN)
    assert found.mean_kinetic is None
    assert [one.replace("\N{MINUS SIGN}", "-") for one in words(found)] == [
        "-149.9 °C or warmer for 30 minutes",
        "-130 °C or warmer at any time",
    ]


def test_the_mean_over_24_hours_is_broken_by_warmth_that_no_limit_forbids():
    found = judged([8.05] * 300, every=5 * MINUTE)
    assert found.mean_kinetic == pytest.approx(8.05, abs=0.01)
    assert words(found) == ["mean kinetic temperature over 24 hours above 8 °C"]


def test_the_highest_window_of_24_hours_counts_not_the_whole_week():
    hours = [float(hour * 3600) for hour in range(168)]
    warm = [1500 if 60 <= hour < 84 else 300 for hour in range(168)]
    spans = [3600.0] * 167 + [0.0]
    assert highest_mean_kinetic(hours, warm, spans) == pytest.approx(15, abs=0.6)


def test_without_a_condition_nothing_is_judged_and_all_is_counted():
    found = judge_readings([0, 300], [4000, 500], None, 0, None)
    assert (found.count, found.broken, found.highest, digest_of(found.broken)) == (2, (), 4000, "")


def test_later_readings_make_another_excursion_of_it():
    assert digest_of(judged([5, 30, 5]).broken) != digest_of(judged([5, 30, 30, 5]).broken)


@given(st.lists(st.integers(-20_000, 7_000), min_size=1, max_size=2_000), st.integers(4, 300))
def test_few_points_keep_the_first_the_last_and_the_extremes(temperatures, most):
    moments = [float(number) for number in range(len(temperatures))]
    points = thinned(moments, temperatures, most)
    kept = [temperature for _, temperature in points]
    assert len(points) <= most
    assert points == sorted(points)
    assert (kept[0], kept[-1], min(kept), max(kept)) == (
        temperatures[0],
        temperatures[-1],
        min(temperatures),
        max(temperatures),
    )


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"name": "X", "to": 8, "limits": []}, "limits"),
        ({"name": "X", "limits": [{"at_least": 9}]}, "“from”"),
        ({"name": "X", "to": 8, "limits": [{"at_least": 7}]}, "inside the labelled range"),
        ({"name": "X", "to": 8, "limits": [{"at_least": 9, "at_most": 1}]}, "either"),
        ({"name": "X", "to": -150, "mean_kinetic": -160, "limits": [{"at_least": -130}]}, "frozen"),
        ({"name": "X", "to": 8, "limits": [{"at_least": 9, "minuts": 3}]}, "minuts"),
        ({"name": "", "to": 8, "limits": [{"at_least": 9}]}, "name"),
        ({"name": "X", "to": float("nan"), "limits": [{"at_least": 9}]}, "temperature"),
        ({"name": "X", "to": True, "limits": [{"at_least": 9}]}, "temperature"),
    ],
)
def test_a_condition_that_cannot_be_says_why(said, words):
    with pytest.raises(StorageProblem, match=words):
        read_storage(said)
