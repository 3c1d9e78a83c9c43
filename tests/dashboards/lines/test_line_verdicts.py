"""How sure a verdict is and what would help, in words; which pool limits when, as bands."""

from math import exp

import pytest
import time_machine
from django.urls import reverse

from batches.lines.actions.pools import review_due_pools
from batches.lines.models import PoolState, ShownVerdict
from batches.lines.rules.tried import UNTRIED, TriedVerdicts
from dashboards.lines.rules.verdicts import Measured, hundredths, relief_words, verdict_of
from supplychain.pages.charts import Look, Tone
from supplychain.sentences import day_mark
from tests.batches.lines.builders import PoolWorld, hour, touched
from tests.dashboards.builders import TowerWorld, browser_of, make_bottleneck, make_pool
from tests.supplychain.builders import at

NOW = at(100)
RELIEF = {
    "pool": "suite", "places_before": 3, "places_after": 4, "weekly_before": 3.0, "weekly_after": 4.0, "gain": 1.0,
    "binds": "", "joins_before_hours": 168.0, "joins_after_hours": 96.0, "wait_before_hours": None,
    "wait_after_hours": 40.0, "wait_before_interval": [None, None], "wait_after_interval": [30.0, 100.0],
}  # fmt: skip


def measured(code: str, position: int, **given) -> Measured:
    evidence = {"position": position, "named_share": 0.0, "little": {"adds_up": True}, "stretches": []} | given
    return Measured(code, code.capitalize(), evidence)


def verdict(root="suite", evidence=None, *states):
    return verdict_of("limits", root, evidence or {}, states, NOW)


@pytest.mark.parametrize(
    ("confidence", "sure", "count"),
    [(1.0, "Firm", "100"), (0.9999, "Firm", "99"), (0.94, "Firm", "94"), (0.75, "Likely", "75"),
     (0.5, "Open: it hangs on single days", "50"), (0.0001, "Open: it hangs on single days", "1")],
)  # fmt: skip
def test_how_sure_it_is_is_said_as_a_count_of_resamples(confidence, sure, count):
    found = verdict("suite", {"confidence": confidence})
    assert (found.sure, found.resamples) == (sure, f"named in {count} of 100 random mixes of the window's days")


@pytest.mark.parametrize(
    ("confidence", "near", "sure"),
    [(0.95, [], "Firm"), (0.4, [], "Open: another pool is used about as much"),
     (0.4, ["lane"], "Not told apart: Suite or Lane"),
     (0.2, ["lane", "desk"], "Not told apart: Suite, Lane or Desk")],
)  # fmt: skip
def test_what_cannot_be_told_apart_is_named_and_how_often_such_verdicts_were_right(confidence, near, sure):
    evidence = {"confidence": confidence, "resampled_share": 1.0, "not_told_apart": near}
    pools = [measured("suite", 1), measured("lane", 2), measured("desk", 3)]
    found = verdict("suite", evidence, *pools)
    assert found.sure == sure
    assert found.resamples == (
        f"with so clear a lead it was right for {confidence * 100:.0f} of 100 simulated lines; "
        "named in 100 of 100 random mixes of the window's days"
    )


def test_a_pool_that_nobody_got_through_is_not_said_to_be_used_like_another():
    pools = [measured("suite", 1, utilisation=1.0), measured("lane", 2, utilisation=0.0)]
    found = verdict("suite", {"confidence": 0.13, "resampled_share": 1.0}, *pools)
    assert found.sure == "Open: too few have got through it to tell"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ((108, 46, 44, True), "of 46 firm verdicts, those with a smaller lead among them, 44 were right."),
        ((108, 46, 38, False), "of 46 firm verdicts only 38 were right, so none is called firm here."),
        ((108, 1, 1, False), "only 1 verdict was firm, too few to tell if they hold, so none is called firm here."),
        ((108, 0, 0, False), "only 0 verdicts were firm, too few to tell if they hold, so none is called firm here."),
    ],
)
def test_it_says_what_its_confidence_rests_on(given, told):
    tried = TriedVerdicts(at(50), *given)
    found = verdict("suite", {"confidence": 0.8, "resampled_share": 1.0, "tried": tried.evidence()})
    assert found.tried == f"Calibrated on 108 simulated lines with this line's own rates on {day_mark(at(50))}: {told}"


def test_it_says_so_where_it_is_not_calibrated_for_the_line():
    told = [
        verdict("suite", {"confidence": 0.8, "resampled_share": 1.0, **kept}).tried for kept in ({}, {"tried": None})
    ]
    assert told == [UNTRIED, UNTRIED]
    # Of a line with one pool, and of older reviews, only the resamples speak.
    assert verdict("suite", {"confidence": 0.8}).tried == ""


def test_without_a_bottleneck_it_says_how_often_none_is_named():
    of_suite, of_lane = {"named_share": 0.2, "used": 0.8}, {"named_share": 0.1, "used": 0.3}
    found = verdict("", {}, measured("suite", 1, **of_suite), measured("lane", 2, **of_lane))
    assert found.confidence == pytest.approx(1 / (1 + exp(-5.8 + 5.3 * 0.8)), abs=5e-4)
    assert (found.sure, found.resamples) == (
        "Likely",
        "83 of 100 simulated lines as full were not held up in the four weeks after; "
        "no pool named in 70 of 100 random mixes of the window's days",
    )


def test_none_is_not_said_to_be_likely_where_the_lines_own_orders_tell_otherwise():
    pools = [measured("suite", 1, used=0.3), measured("lanes", 2, used=0.3)]
    found = verdict_of("limits", "", {}, pools, NOW, ahead="QC lanes")
    assert (found.confidence, found.is_firm) == (None, False)
    assert found.sure == "Open: simulated, QC lanes will hold it up in the next four weeks"
    assert found.resamples == "no pool named in 100 of 100 random mixes of the window's days"


@pytest.mark.django_db
def test_how_sure_none_is_stands_on_the_page_as_it_is_kept_and_scored():
    """One figure: the page tells what the review reckoned."""
    world = PoolWorld()
    world.tell(world.arrived(20), ("selection", "started", 21))
    touched(world, hours=90)
    review_due_pools(now=hour(90))
    states = [Measured(one.pool.code, one.pool.name, one.evidence) for one in PoolState.objects.select_related("pool")]
    told = verdict("", {}, *states).confidence
    assert told == ShownVerdict.objects.get().confidence
    assert 0.5 < told < 0.99


def test_an_older_review_that_kept_none_of_it_says_nothing():
    found = verdict("suite", {"order_days_waited": 4.0}, Measured("suite", "Suite", {}))
    assert (found.confidence, found.sure, found.resamples, found.chart, found.relief, found.missing) == (
        None, "", "", None, [], None,
    )  # fmt: skip


def test_hundredths_are_all_or_none_only_where_they_are():
    assert [hundredths(share) for share in (0, 0.001, 0.5, 0.999, 1)] == ["0", "1", "50", "99", "100"]


def test_relief_is_told_in_three_sentences():
    assert relief_words(RELIEF) == [
        "With 4 places 4.0 orders a week go through instead of 3.0.",
        "New arrivals would wait about 3 days less.",
        "In the long run new arrivals would wait between about 30 hours and about 4 days; as it is, the queue "
        "grows without limit.",
    ]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (
            [48.0, 120.0],
            [1.0, 30.0],
            "between about 1 hour and about 30 hours instead of between about 2 days",
        ),
        ([48.0, None], [1.0, 30.0], "instead of about 2 days or longer, perhaps without limit."),
        ([0.1, None], [0.0, None], "cannot be told from so few orders."),
        ([None, None], [None, None], "the queue still grows without limit"),
        ([0.0, 0.2], [0.0, 0.1], "hardly anyone waits in the long run"),
    ],
)
def test_the_long_run_is_told_with_its_interval(before, after, told):
    found = relief_words(RELIEF | {"wait_before_interval": before, "wait_after_interval": after})
    assert told in found[2]


def test_too_few_orders_say_nothing_of_the_long_run():
    assert len(relief_words(RELIEF | {"wait_before_interval": None, "wait_after_interval": None})) == 2


def test_a_gain_of_nothing_is_said_plainly_with_the_pool_that_then_limits():
    told = relief_words(RELIEF | {"weekly_after": 3.0, "gain": 0.0, "binds": "QC lanes"})
    assert told[0] == "With 4 places no more orders go through: QC lanes are as full, and would limit the line then."
    told = relief_words(RELIEF | {"weekly_after": 3.0, "gain": 0.0})
    assert told[0] == "With 4 places no more orders go through: no more come than go through already."
    told = relief_words(RELIEF | {"weekly_after": 3.4, "gain": 0.4, "binds": "QC lanes"})
    assert told[0] == "With 4 places 3.4 orders a week go through instead of 3.0; then QC lanes limit the line."


def test_bands_tell_sole_from_shifting_from_merely_full_and_stand_in_flow_order():
    stretches = [["sole", at(10).isoformat(), at(20).isoformat()], ["shifting", at(20).isoformat(), at(30).isoformat()]]
    lane = measured("lane", 9, stretches=[["active", at(12).isoformat(), at(15).isoformat()]])
    chart = verdict("suite", {}, lane, measured("suite", 2, stretches=stretches)).chart
    assert list(chart.rows) == ["Suite", "Lane"]
    assert [(band.row, band.started_at, band.tone, band.look) for band in chart.bands] == [
        ("Suite", at(10), Tone.ATTENTION, Look.SOLID),
        ("Suite", at(20), Tone.ATTENTION, Look.HATCHED),
        ("Lane", at(12), Tone.MUTED, Look.OUTLINED),
    ]


@pytest.mark.django_db
def test_the_page_says_how_sure_it_is_what_helps_and_where_the_record_does_not_add_up():
    world = TowerWorld()
    order = world.order()
    little = {
        "adds_up": False,
        "finding": "The record does not add up by 5.0 hours, all orders together: 1 run ended before it began",
        "examples": [{"order": str(order.pk), "position": 2, "flaw": "ended_before_begun"}], "mean_number": 2.5,
    }  # fmt: skip
    kept = {"position": 2, "named_share": 0.94, "utilisation": 0.9, "little": little, "sole_share": 0.8}
    kept["stretches"] = [["sole", at(10).isoformat(), at(90).isoformat()]]
    pool = make_pool(world.plant, "suite", "Suites", capacity=3, busy=3, evidence=kept)
    period = make_bottleneck(pool)
    period.evidence |= {"confidence": 0.94, "relief": RELIEF, "orders_missing_promise": 2,
                        "orders_counted_at": at(90).isoformat()}  # fmt: skip
    period.save()
    with time_machine.travel(NOW, tick=False):
        page = browser_of(world.operations).get(reverse("bottlenecks")).text
        tower = browser_of(world.operations).get(reverse("control_tower")).text
    words = " ".join(page.split())
    assert "<strong>Firm</strong>: named in 94 of 100 random mixes of the window&#x27;s days." in words
    assert "With 4 places 4.0 orders a week go through instead of 3.0." in words
    assert 'Likely to miss their date</dt><dd>2 <span class="fine">orders with it ahead' in words
    assert "The record does not add up by 5.0 hours, all orders together: 1 run ended before it began" in words
    assert f'href="{reverse("order", args=[order.pk])}">{order.coi}</a>' in words
    assert "Full for longest, alone" in words
    assert "2 orders with it ahead are likely to miss their date (counted <time" in " ".join(tower.split())


@pytest.mark.django_db
def test_a_record_that_adds_up_is_said_to():
    world = TowerWorld()
    make_pool(world.plant, "suite", "Suites", evidence=measured("suite", 2).evidence)
    with time_machine.travel(NOW, tick=False):
        page = browser_of(world.operations).get(reverse("bottlenecks")).text
    assert "The reports agree with each other: what began, stayed and ended in the window adds up in every pool" in page
    assert "no pool named in 100 of 100 random mixes" in page
