"""Every verdict that was shown is kept, and held against the four weeks that came after it."""

from datetime import timedelta

import pytest

from batches.capacity.actions import set_capacity
from batches.lines.actions.pools import review_due_pools
from batches.lines.actions.verdicts import score_verdicts
from batches.lines.models import ShownVerdict
from batches.lines.rules.verdicts import ToldVerdict, after, changed_places, limited, was_held_up
from tests.batches.lines.builders import PoolWorld, facts, hour, jam, touched

WEEK = 168
FOUR_WEEKS = 4 * WEEK


def reviewed(world: PoolWorld, hours: float) -> None:
    touched(world, hours=hours)
    review_due_pools(now=hour(hours))


def kept() -> list[tuple]:
    columns = ("pool__code", "rivals", "made_at", "superseded_at", "opens_week")
    return list(ShownVerdict.objects.order_by("made_at").values_list(*columns))


# T0 is a Monday, 08:00 UTC.
@pytest.mark.django_db
def test_what_is_shown_is_kept_once_until_something_else_is_shown():
    world = PoolWorld()
    reviewed(world, 0)
    reviewed(world, 10)  # still none: not again
    jam(world)
    reviewed(world, 90)
    reviewed(world, 91)
    assert kept() == [
        (None, [], hour(0), hour(90), True),
        ("suite", [], hour(90), None, False),
    ]


@pytest.mark.django_db
def test_a_verdict_that_stands_is_kept_anew_with_each_week():
    """Sunday night to Monday morning: T0 is Monday 08:00, so hour 159 is Sunday 23:00 and hour 161 Monday 01:00."""
    world = PoolWorld()
    jam(world)
    for hours in (159, 161, 162):
        reviewed(world, hours)
    assert kept() == [
        ("suite", [], hour(159), hour(161), True),
        ("suite", [], hour(161), None, True),
    ]


def test_another_hundredth_is_no_other_verdict_and_five_are():
    said = ToldVerdict("suite", (), 0.80, 168)
    assert not ToldVerdict("suite", (), 0.84, 672).is_news_after(said)
    assert ToldVerdict("suite", (), 0.85, 168).is_news_after(said)
    assert ToldVerdict("suite", ("lane",), 0.80, 168).is_news_after(said)
    assert ToldVerdict("", (), 0.80, 168).is_news_after(said)
    assert ToldVerdict("suite", (), None, 168).is_news_after(said)


def test_only_the_time_after_it_counts():
    """By hand, said at hour 100: the suite is full to hour 436 (336 of 672 hours: 50 %) and full with a queue 100–150
    and 200–230. Of its waits the first began before; the second lasts 30 h, the third is cut at the end: 72 h."""
    end = 100 + FOUR_WEEKS
    suite = facts(1, held=[(0, 436)], waits=[(50, 150), (200, 230), (700, None)])
    lane = facts(2, held=[(0, 90), (100, 100 + 168)], waits=[])
    seen = after({"suite": suite, "lane": lane}, hour(100))
    assert seen["suite"] == (0.5, pytest.approx((50 + 30) / FOUR_WEEKS), 30 + end - 700)
    assert seen["lane"] == (168 / (2 * FOUR_WEEKS), 0, 0)


def test_what_limited_those_weeks_was_used_most():
    """600 and 500 of 672 hours taken; then both 600, and more waited for the lane. 335 hours full with a queue are
    less than half of the weeks, 336 are half."""
    begun = hour(100)
    short, long = facts(1, [(100, 600)], [(101, 436)]), facts(1, [(100, 700)], [(101, 120)])
    assert limited(after({"suite": long, "lane": short}, begun)) == "suite"
    busier = facts(1, [(100, 700)], [(101, 437)])
    assert limited(after({"suite": long, "lane": busier}, begun)) == "lane"
    assert limited(after({"suite": busier, "lane": long}, begun)) == "suite"
    assert not was_held_up(after({"suite": long, "lane": short}, begun))
    assert was_held_up(after({"suite": busier}, begun))


def test_a_pool_that_was_closed_all_the_time_was_as_full_as_somebody_waited():
    closed = facts(steps=[(0, 0)], waits=[(0, None)])
    seen = after({"suite": closed, "lane": facts(1, [(100, 600)])}, hour(100))
    assert (seen["suite"].used, limited(seen), was_held_up(seen)) == (1.0, "suite", True)


def test_places_that_change_meanwhile_make_it_nothing_to_score():
    pools = {
        "suite": facts(steps=[(0, 2), (300, 3)]), "lane": facts(steps=[(0, 2), (300, 2)]),
        "desk": facts(steps=[(0, 2), (100, 4), (2000, 5)]), "new": facts(steps=[(300, 1)]),
    }  # fmt: skip
    assert changed_places(pools, hour(100)) == ["new", "suite"]


def jammed_from(hours: float) -> PoolWorld:
    world = PoolWorld()
    reviewed(world, hours)
    return world


@pytest.mark.django_db
def test_what_came_is_written_once_a_day_after_the_four_weeks():
    world = PoolWorld()
    jam(world)
    reviewed(world, 90)
    for number in range(3):
        world.arrived(200 + number)
    due = 90 + FOUR_WEEKS + 24
    assert score_verdicts(now=hour(due - 1)) == 0
    assert score_verdicts(now=hour(due)) == 1
    verdict = ShownVerdict.objects.get()
    # The suite was full with a queue all the time; of the waits those of hours 200–202 began after hour 90.
    assert verdict.limited_by == world.suite
    waited = sum(90 + FOUR_WEEKS - (200 + number) for number in range(3))
    assert verdict.came["suite"] == {"used": 1.0, "pressed_share": 1.0, "waited_hours": waited}
    assert verdict.was_held_up is True
    assert (verdict.scored_at, verdict.unscored_why) == (hour(due), "")
    assert score_verdicts(now=hour(due + 1)) == 0


@pytest.mark.django_db
def test_none_was_named_and_none_limited_the_line():
    world = jammed_from(0)
    assert score_verdicts(now=hour(FOUR_WEEKS + 24)) == 1
    verdict = ShownVerdict.objects.get()
    assert (verdict.pool, verdict.was_held_up, verdict.came["suite"]["used"]) == (None, False, 0)
    assert world.suite.code in verdict.came


@pytest.mark.django_db
def test_a_verdict_that_was_acted_on_is_not_scored():
    world = PoolWorld()
    jam(world)
    reviewed(world, 90)
    set_capacity(world.suite, places=4, starts_at=hour(120), by=None, now=hour(120))
    score_verdicts(now=hour(90 + FOUR_WEEKS + 24))
    verdict = ShownVerdict.objects.get()
    assert (verdict.limited_by, verdict.was_held_up, verdict.came) == (None, None, {})
    assert verdict.unscored_why == "Places changed in the weeks after: suite."


@pytest.mark.django_db
def test_one_that_cannot_be_read_holds_up_no_other(monkeypatch):
    world = PoolWorld()
    reviewed(world, 0)
    reviewed(world, WEEK)
    first = ShownVerdict.objects.earliest("made_at")
    from batches.lines.actions import verdicts

    real = verdicts.after

    def spoiled(pools, said_at):
        if said_at == first.made_at:
            raise ValueError("no such moment")
        return real(pools, said_at)

    monkeypatch.setattr(verdicts, "after", spoiled)
    later = hour(2 * WEEK + FOUR_WEEKS)
    assert score_verdicts(now=later) == 2
    told = ShownVerdict.objects.order_by("made_at").values_list("unscored_why", "scored_at")
    assert list(told) == [("ValueError: no such moment", later), ("", later)]
    assert timedelta(hours=WEEK) == ShownVerdict.objects.latest("made_at").made_at - first.made_at
