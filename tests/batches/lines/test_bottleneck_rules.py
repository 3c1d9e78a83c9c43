"""Which pool holds up a line, judged on a share of a window, with hysteresis."""

import json
from collections.abc import Iterable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batches.lines.rules.bottlenecks import (
    BottleneckFinding,
    LinePool,
    Root,
    find_bottleneck,
    why_named,
)
from batches.lines.rules.pools import PoolReview, review_pool
from batches.lines.statuses import PoolCondition
from tests.batches.lines.builders import facts, hour

NOW = hour(1000)
BEFORE = hour(900)
DAY = 24


def pool(
    code: str,
    position: int = 1,
    *,
    share: float = 0.0,
    load: float = 0.0,
    condition: PoolCondition = PoolCondition.STEADY_BACKLOG,
) -> LinePool:
    """A pool that was full with a queue for `share` of the week; `load` order-hours were waited for it."""
    review = PoolReview(
        condition=condition, capacity=16, busy=16, queue=9, arrivals=10, completions=10, oldest_ready_at=hour(929),
        median_wait_hours=None, service_hours=200, pressed_share=share, waiting_hours=load, expected_wait_hours=0,
        window_hours=168, next_at=NOW + timedelta(hours=1),
    )  # fmt: skip
    return LinePool(code, code.capitalize(), position, review)


def root_of(*pools: LinePool, incumbent: str = "") -> str:
    return find_bottleneck(pools, Root(incumbent, BEFORE) if incumbent else None, NOW).pool


def test_a_pool_full_with_a_queue_for_half_the_window_is_named():
    assert root_of(pool("suites", share=0.49, load=90)) == ""
    assert root_of(pool("suites", share=0.5, load=90)) == "suites"


def test_a_clear_pool_is_not_named_however_full_it_was():
    assert root_of(pool("suites", share=0.9, load=90, condition=PoolCondition.CLEAR)) == ""


def test_a_stuck_pool_is_named_however_shortly_it_was_full():
    assert root_of(pool("reviewers", share=0, load=90, condition=PoolCondition.STUCK)) == "reviewers"


def test_only_the_root_is_named_the_pool_for_which_most_was_waited():
    suites, lanes = pool("suites", 5, share=0.9, load=400), pool("lanes", 9, share=0.9, load=300)
    assert root_of(suites, lanes) == root_of(lanes, suites) == "suites"


def test_of_two_alike_the_one_downstream_is_the_root():
    suites, lanes = pool("suites", 5, share=0.9, load=400), pool("lanes", 9, share=0.9, load=400)
    assert root_of(suites, lanes) == root_of(lanes, suites) == "lanes"


def test_who_is_named_stays_named_down_to_a_lower_share():
    assert root_of(pool("suites", share=0.3, load=9), incumbent="suites") == "suites"
    assert root_of(pool("suites", share=0.29, load=9), incumbent="suites") == ""
    assert root_of(pool("suites", share=0.3, load=9), pool("lanes"), incumbent="lanes") == ""


def test_who_is_named_gives_way_only_to_a_clearly_greater_load():
    suites = pool("suites", share=0.9, load=100)
    assert root_of(suites, pool("lanes", share=0.9, load=124), incumbent="suites") == "suites"
    assert root_of(suites, pool("lanes", share=0.9, load=125), incumbent="suites") == "lanes"


def test_a_wavering_share_changes_the_name_once_and_not_each_time():
    def names(shares: Iterable[float]) -> list[str]:
        named, seen = "", []
        for share in shares:
            named = root_of(pool("suites", share=share, load=50), incumbent=named)
            seen.append(named)
        return seen

    flutter = [0.48, 0.52] * 10
    assert names(flutter) == ["", *["suites"] * 19]
    assert names([0.31, 0.29] * 10) == [""] * 20


def test_two_pools_neck_and_neck_do_not_take_turns():
    named, changes = "", 0
    for n in range(20):
        suites = pool("suites", 5, share=0.9, load=100 + 10 * (n % 2))
        lanes = pool("lanes", 9, share=0.9, load=100 + 10 * ((n + 1) % 2))
        before, named = named, root_of(suites, lanes, incumbent=named)
        changes += before != named
    assert changes == 1


def test_the_reason_is_one_plain_line():
    suites = pool("suites", share=0.829, load=400)
    finding = find_bottleneck([suites], None, NOW)
    reason = "Suites: 16 of 16 busy, 9 waiting (oldest 2 d 23 h), full with a queue for 83 % of the last 7 days"
    assert (finding.since, finding.why, finding.ended_why) == (NOW, reason, "")
    stuck = pool("lanes", share=0.1, condition=PoolCondition.STUCK)
    assert why_named(stuck, NOW) == (
        "Lanes: 16 of 16 busy, 9 waiting (oldest 2 d 23 h), nothing moves, "
        "full with a queue for 10 % of the last 7 days"
    )


@pytest.mark.parametrize("share", [0.3546, 0.3549, 0.355, 0.3551, 0.445])
def test_a_share_is_rounded_once(share):
    suites = pool("suites", share=share)
    kept = suites.numbers(NOW, None)["pressed_share"]
    assert why_named(suites, NOW).endswith(f" {kept * 100:.0f} % of the last 7 days")
    assert kept == suites.review.stored_share


def test_a_pool_without_places_says_so():
    review = review_pool(facts(steps=[(-500, 0)], waits=[(930, None)]), NOW)
    assert why_named(LinePool("bench", "Benches", 1, review), NOW).startswith("Benches: no place open, 1 waiting")


def test_the_evidence_holds_the_numbers_of_every_pool_in_flow_order_and_what_it_costs():
    suites, lanes = pool("suites", 5, share=0.9, load=409), pool("lanes", 9, share=0.2, load=30)
    evidence = find_bottleneck([lanes, suites], None, NOW).evidence
    assert json.loads(json.dumps(evidence)) == evidence
    assert evidence["order_days_waited"] == 17.04
    assert [entry["pool"] for entry in evidence["pools"]] == ["suites", "lanes"]
    assert evidence["limits"] == {"enter_share": 0.5, "leave_share": 0.3, "displace_ratio": 1.25}
    assert evidence["pools"][0] == {
        "pool": "suites", "name": "Suites", "position": 5, "condition": "steady_backlog", "capacity": 16, "busy": 16,
        "queue": 9, "arrivals": 10, "completions": 10, "oldest_wait_hours": 71.0, "median_wait_hours": None,
        "service_hours": 200, "pressed_share": 0.9, "waiting_hours": 409, "expected_wait_hours": 0, "window_hours": 168,
    }  # fmt: skip


def ended(*pools: LinePool) -> BottleneckFinding:
    return find_bottleneck(pools, Root("suites", BEFORE), NOW)


def test_who_is_no_longer_named_is_told_why():
    assert ended(pool("suites", share=0.24)).ended_why == (
        "Suites: full with a queue for 24 % of the last 7 days, less than 30 %"
    )
    assert ended(pool("suites", share=0.6, load=240), pool("lanes", share=0.6, load=480)).ended_why == (
        "Lanes hold up more: 20.0 days waited by all orders, 10.0 for Suites"
    )
    assert ended(pool("lanes", share=0.6, load=480)).ended_why == "The pool is no longer part of the line"
    assert (ended(pool("suites", share=0.6)).since, ended(pool("suites", share=0.6)).ended_why) == (BEFORE, "")


# DOMAIN §7: 12 orders arrive on days 0–11, suite 7 d, QC 7 d, first come first served


class Tandem:
    """The deterministic line, worked out by hand: who held and waited for which place, in days."""

    def __init__(self, suites: int, lanes: int) -> None:
        self.places = {"suites": suites, "lanes": lanes}
        made = self._serve(suites, [float(day) for day in range(12)])
        tested = self._serve(lanes, sorted(end for _, _, end in made))
        self.runs = {"suites": made, "lanes": tested}

    @staticmethod
    def _serve(places: int, arrivals: list[float]) -> list[tuple[float, float, float]]:
        free = [0.0] * places
        served = []
        for ready in arrivals:
            start = max(ready, min(free))
            free[free.index(min(free))] = start + 7
            served.append((ready, start, start + 7))
        return served

    def mean_wait(self, code: str) -> float:
        return sum(start - ready for ready, start, _ in self.runs[code]) / 12

    @property
    def last_end(self) -> float:
        return self.runs["lanes"][-1][2]

    def line(self, day: float) -> list[LinePool]:
        """The pools as they look on `day`, with what is known by then."""
        pools = []
        for position, (code, runs) in enumerate(self.runs.items()):
            known = facts(
                self.places[code],
                held=[(start * DAY, end * DAY if end <= day else None) for _, start, end in runs if start <= day],
                waits=[(r * DAY, start * DAY if start <= day else None) for r, start, _ in runs if r <= day],
                service=7.0 * DAY,
            )
            pools.append(LinePool(code, code.capitalize(), position, review_pool(known, hour(day * DAY))))
        return pools

    def named(self) -> list[str]:
        """The names given one after the other, judged every six hours until a week after the end."""
        named, seen = "", []
        for quarter in range(int(self.last_end + 7) * 4):
            day = quarter / 4
            named = find_bottleneck(self.line(day), Root(named, BEFORE) if named else None, hour(day * DAY)).pool
            seen += [named] if named and seen[-1:] != [named] else []
        return seen


def test_three_suites_and_three_lanes_are_held_up_by_the_suites_alone():
    tandem = Tandem(3, 3)
    assert (tandem.mean_wait("suites"), tandem.mean_wait("lanes"), tandem.last_end) == (6, 0, 37)
    assert tandem.named() == ["suites"]


def test_a_fourth_suite_alone_gains_nothing_and_the_bottleneck_moves_to_the_lanes():
    tandem = Tandem(4, 3)
    assert (tandem.mean_wait("suites"), tandem.mean_wait("lanes"), tandem.last_end) == (3, 3, 37)
    assert tandem.named() == ["suites", "lanes"]


def test_a_fourth_lane_too_shortens_the_line_and_only_the_suites_hold_it_up():
    tandem = Tandem(4, 4)
    assert (tandem.mean_wait("suites"), tandem.mean_wait("lanes"), tandem.last_end) == (3, 0, 31)
    assert tandem.named() == ["suites"]


# For all lines

lines = st.lists(
    st.builds(
        pool,
        st.sampled_from(["bench", "suites", "lanes", "reviewers", "courier"]),
        st.integers(1, 9),
        share=st.floats(0, 1),
        load=st.floats(0, 1000),
        condition=st.sampled_from(PoolCondition),
    ),
    max_size=5,
    unique_by=lambda pool: pool.code,
)
roots = st.none() | st.sampled_from(["bench", "suites", "gone"]).map(lambda code: Root(code, BEFORE))


@given(lines, roots, st.randoms())
def test_the_order_of_the_pools_changes_nothing(line, incumbent, random):
    shuffled = random.sample(line, len(line))
    assert find_bottleneck(shuffled, incumbent, NOW) == find_bottleneck(line, incumbent, NOW)


@given(lines, roots)
def test_the_same_question_again_gives_the_same_name(line, incumbent):
    first = find_bottleneck(line, incumbent, NOW)
    if first.pool:
        again = find_bottleneck(line, Root(first.pool, first.since), NOW)
        assert (again.pool, again.since, again.ended_why) == (first.pool, first.since, "")


@given(lines, roots)
def test_a_name_comes_with_its_reason_and_an_end_with_its_own(line, incumbent):
    finding = find_bottleneck(line, incumbent, NOW)
    assert bool(finding.pool) == bool(finding.why) == (finding.since is not None)
    assert bool(finding.ended_why) == (incumbent is not None and finding.pool != incumbent.pool)


def shut(needed: int, steps: Iterable[tuple[float, int]] = ((-500, 0),)) -> LinePool:
    return LinePool("qa", "QA reviewers", 2, review_pool(facts(steps=list(steps)), NOW), needed=needed)


def test_a_pool_without_a_place_is_named_before_any_queue_where_orders_still_come_to_it():
    busy = pool("suites", share=0.9, load=900)
    found = find_bottleneck([busy, shut(3)], None, NOW)
    assert (found.pool, found.why) == (
        "qa", "QA reviewers: no place open and no date set for one, needed by 3 open orders"
    )  # fmt: skip
    assert root_of(busy, shut(3), incumbent="suites") == "qa"
    assert root_of(busy, shut(0)) == "suites"
    assert root_of(busy, shut(3, [(-500, 0), (1100, 4)])) == "suites"


def test_no_wait_is_told_of_a_pool_without_a_place_and_without_a_date_for_one():
    evidence = find_bottleneck([shut(1)], None, NOW).evidence
    (numbers,) = evidence["pools"]
    assert (numbers["expected_wait_hours"], numbers["condition"]) == (None, "closed")
    assert "confidence" not in evidence
