"""Verdicts on lines as forecasts: how often what was said limits a line did."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from batches.calibration.rules.verdicts import ANY_NAMED, ScoredVerdict, ledger
from batches.lines.models import ShownVerdict
from supplychain.people.statuses import Role
from tests.batches.lines.builders import PoolWorld, hour
from tests.dashboards.builders import browser_of
from tests.supplychain.builders import make_user

FIVE_WEEKS = 5 * 168
ONE, FIRM, OPEN, NONE = (
    "One pool named", "Of these firm (90 % or more)", "Not told apart: the first named", "No bottleneck",
)  # fmt: skip


def verdict(week: int, pool: str = "suite", limited_by: str = "suite", sure: float | None = 0.8, rivals=(), held=True):
    """One verdict; five weeks apart, each is a cluster of its own."""
    return ScoredVerdict("a", hour(week * FIVE_WEEKS), pool, rivals, sure, limited_by, held)


def test_each_kind_is_counted_by_what_it_says():
    """By hand: of three pools named alone two came so, the firm one did; of one not told apart the first did not, the
    other did; one of two weeks without came so. Brier score of the three: (0.1² + 0.8² + 0.4²) ÷ 3 = 0.27."""
    found = ledger(
        [
            verdict(1, sure=0.9), verdict(2, sure=0.8, limited_by="lane"), verdict(3, sure=0.6),
            verdict(4, sure=0.5, rivals=("lane",), limited_by="lane"),
            verdict(5, pool="", held=False, sure=0.7), verdict(6, pool="", sure=0.7),
        ],
        [("a", "Leiden"), ("b", "Basel")],
    )  # fmt: skip
    rows = {row.name: row for row in found.by_kind}
    assert {name: (row.verdicts, round(row.came.came * row.verdicts)) for name, row in rows.items()} == {
        ONE: (3, 2), FIRM: (1, 1), OPEN: (1, 0), ANY_NAMED: (1, 1), NONE: (2, 1),
    }  # fmt: skip
    assert rows[ONE].scores.brier.value == pytest.approx((0.1**2 + 0.8**2 + 0.4**2) / 3)
    assert rows[ONE].said == pytest.approx((0.9 + 0.8 + 0.6) / 3)
    assert (rows[ANY_NAMED].said, rows[ANY_NAMED].scores) == (None, None)
    assert [(row.name, row.verdicts) for row in found.by_line] == [("Leiden", 6)]
    assert (found.is_few, found.words) == (True, [])


def test_thirty_firm_verdicts_are_told_with_their_interval():
    """27 of 30: Wilson's 95 % interval is 0.744 to 0.965 (Wilson 1927, by hand)."""
    rows = [verdict(n, sure=0.95, limited_by="suite" if n < 27 else "lane") for n in range(30)]
    found = ledger(rows, ())
    assert (found.is_few, found.words) == (False, ["Of 30 firm verdicts, 90 % came so (95 % sure: 74–97 %)."])
    firm = next(row for row in found.by_kind if row.name == FIRM)
    assert (firm.came.low, firm.came.high) == pytest.approx((0.744, 0.965), abs=0.001)


def test_verdicts_whose_weeks_overlap_say_less_than_as_many_apart():
    """40 verdicts of ten four-week blocks, each block all right or all wrong, are worth about ten."""
    apart = [verdict(n, limited_by="suite" if n % 5 else "lane") for n in range(40)]
    start = apart[0].made_at
    together = [
        one._replace(made_at=start + timedelta(weeks=n), limited_by="suite" if (n // 4) % 5 else "lane")
        for n, one in enumerate(apart)
    ]
    wide, narrow = (ledger(rows, ()).by_kind[0].came for rows in (together, apart))
    assert wide.came == narrow.came == 0.8
    assert wide.high - wide.low > 1.5 * (narrow.high - narrow.low)


def test_a_verdict_of_which_nobody_said_how_sure_it_is_has_no_score_and_counts():
    (row,) = ledger([verdict(1, sure=None)], ()).by_kind
    assert (row.verdicts, row.said, row.scores, row.came.came) == (1, None, None, 1.0)


@pytest.fixture
def world():
    with time_machine.travel(hour(40 * 168), tick=False):
        world = PoolWorld()
        for week, limited_by, why in ((1, world.suite, ""), (2, None, "Places changed."), (39, None, "")):
            ShownVerdict.objects.create(
                line=world.plant, pool=world.suite, confidence=0.95, window_hours=168, made_at=hour(week * 168),
                superseded_at=hour(week * 168 + 168), opens_week=True, limited_by=limited_by,
                was_held_up=True if limited_by else None,
                scored_at=None if week == 39 else hour(40 * 168), unscored_why=why,
            )  # fmt: skip
        yield world


def page_of(user) -> str:
    answer = browser_of(user).get(reverse("calibration"))
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


@pytest.mark.django_db
def test_the_page_shows_what_came_of_the_verdicts_on_ones_own_lines(world):
    page = page_of(make_user("operations", world.plant))
    assert "What we said limits a line" in page
    assert "Too few to say: 1 of at least 30 verdicts are scored." in page
    assert '<th scope="row">One pool named</th> <td class="number">1' in page
    assert "1 awaits the weeks after." in page
    assert "1 is left out: the line's places changed in the weeks after" in page


@pytest.mark.django_db
def test_they_cost_the_page_one_query(world):
    client = browser_of(make_user("operations", world.plant))
    with CaptureQueriesContext(connection) as asked:
        client.get(reverse("calibration"))
    assert sum("batches_shownverdict" in query["sql"] for query in asked) == 1


@pytest.mark.django_db
def test_those_of_others_lines_are_not_shown(world):
    page = page_of(make_user("coordinator", world.oslo, role=Role.SITE_COORDINATOR))
    assert "What we said limits a line" not in page
