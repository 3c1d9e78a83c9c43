"""“Alarms”: what the page says, to whom, its files and its REST body."""

import csv
from io import StringIO

import pytest
import time_machine
from django.urls import reverse

from batches.alarms.queries import watched_orders
from batches.alarms.rules.figures import figures
from batches.calibration.actions import score_predictions
from batches.flags.models import FlagChange
from batches.flags.statuses import FlagChangeKind
from batches.forecasts.models import Forecast, RiskThreshold
from batches.judgement.statuses import FlagCode, Severity
from supplychain.orders.models import PatientOrder, StageRun
from supplychain.people.statuses import Role
from tests.batches.calibration.builders import SeenWorld, predict
from tests.dashboards.builders import browser_of, raise_flag
from tests.supplychain.api_clients import client_of, session_of
from tests.supplychain.builders import at, make_user

pytestmark = pytest.mark.django_db
NOW = at(500)
PROMISE, HOLD, DOSE = FlagCode.PROMISE_AT_RISK, FlagCode.HOLD_EXPIRING, FlagCode.DOSE_AT_RISK
ATTENTION, CRITICAL = Severity.ATTENTION, Severity.CRITICAL
# Session, person, their sites, whether there are others: 4. Sites, products to choose from: 3. Past orders, their
# runs, flips, judgements, outcomes, what was said: 6. Thresholds, costs: 2. Alarms, and those that stand: 2.
PAGE = 17
# Plants: 1. The same six, products, thresholds, costs, alarms, and those that stand: 11.
REST = 12


@pytest.fixture
def world():
    with time_machine.travel(NOW, tick=False):
        yield SeenWorld()


def past_order(world: SeenWorld, number: int = 1, *, promised: float = 190, **said) -> PatientOrder:
    """An order whose dose was ready at hour 200, with what was said of its promise; scored."""
    order = world.treated(coi=f"CO-{number}")
    PatientOrder.objects.filter(pk=order.pk).update(promised_at=at(promised))
    predict(order, 20, superseded_at=None, promised_at=at(promised), **said)
    judged(order)
    score_predictions(now=NOW)
    return order


def judged(order: PatientOrder, hours: float = 19) -> None:
    """The order was judged first so many hours after T0: what that leaves behind."""
    Forecast.objects.create(order=order, made_at=at(hours), ready_at=at(180), evidence={"steps": []})


def under_way(world: SeenWorld) -> None:
    """An open order of the same product: a filter offers only these to who does not see every site."""
    world.order(coi="CO-OPEN")


def text_of(user, **query) -> str:
    answer = browser_of(user).get(reverse("alarms"), query)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_an_order_whose_past_was_brought_in_afterwards_says_nothing_of_the_flags(world):
    """Forecast from hour 20 on but judged from hour 60 on: no flag could be raised in time."""
    order = past_order(world)
    order.forecasts.update(made_at=at(60))
    under_way(world)
    (found,) = watched_orders(PatientOrder.objects.all(), NOW)
    assert not found.is_judged
    page = text_of(world.operations)
    assert "no order that was judged from its beginning has a known outcome" in page
    assert "1 of 1 past order was not judged from the beginning" in page
    assert "By the ledger attention would have flagged 1 order, 0 of them for nothing, and missed 0 late." in page


def seen(code: FlagCode = PROMISE, level: Severity = ATTENTION):
    return figures(watched_orders(PatientOrder.objects.all(), NOW), code, level)


def test_flips_and_outcomes_are_read_together(world):
    late, timely = past_order(world, 1), past_order(world, 2, promised=210)
    flag = raise_flag(late, PROMISE, stage="", raised_at=at(90))
    FlagChange.objects.create(
        flag=flag, kind=FlagChangeKind.SEVERITY_CHANGED, severity=CRITICAL, changed_at=at(150), why="Later still."
    )
    raise_flag(timely, PROMISE, stage="", raised_at=at(110))
    found = seen()
    assert (found.hits, found.false_alarms, found.came, found.orders) == (1, 1, 1, 2)
    assert found.warning == (100, 100, 100)
    critical = seen(level=CRITICAL)
    assert (critical.hits, critical.false_alarms, critical.warning) == (1, 0, (40, 40, 40))


def test_late_against_any_promise_that_was_made_is_late(world):
    """Promised for 190, the flag raised, 230 agreed and kept: the flag was right."""
    order = past_order(world)
    order.predictions.update(superseded_at=at(150))
    predict(order, 150, superseded_at=None, promised_at=at(230))
    score_predictions(now=NOW)
    raise_flag(order, PROMISE, stage="", raised_at=at(90))
    assert (seen().hits, seen().false_alarms, seen().warning.median) == (1, 0, 100)


def test_a_promise_ahead_and_an_order_withdrawn_before_it_are_in_no_share(world):
    ahead = world.treated(coi="CO-9", until="harvest")
    predict(ahead, 20, promised_at=at(190))
    predict(ahead, 30, superseded_at=None, promised_at=at(900))
    withdrawn = world.order(coi="CO-10")
    predict(withdrawn, 20, superseded_at=None, promised_at=at(190))
    world.say(withdrawn, "cancelled", hours=100)
    for order in (ahead, withdrawn):
        judged(order)
        raise_flag(order, PROMISE, stage="", raised_at=at(90))
    score_predictions(now=NOW)
    PatientOrder.objects.update(promised_at=at(900))
    found = seen()
    # Open at its first promise is late; who was withdrawn before it is neither.
    assert (found.orders, found.hits, found.unsettled) == (1, 1, 1)
    assert seen(DOSE).came == 1


def test_waits_that_ran_out_are_known_when_the_order_has_ended(world):
    order = past_order(world)
    StageRun.objects.filter(order=order, stage__code="selection").update(wait_expires_at=at(36))
    raise_flag(order, HOLD, raised_at=at(30))
    raise_flag(past_order(world, 2), HOLD, raised_at=at(30))
    found = seen(HOLD)
    assert (found.hits, found.false_alarms, found.warning) == (1, 1, (6, 6, 6))
    assert (seen(DOSE).came, seen(DOSE).missed) == (1, 1)


def test_the_last_work_with_a_place_says_until_when_something_could_be_moved(world):
    order = past_order(world)
    StageRun.objects.filter(order=order).update(pool="")
    StageRun.objects.filter(order=order, stage__code="release").update(pool="qc")
    raise_flag(order, PROMISE, stage="", raised_at=at(99))
    assert seen().in_time.count == 1
    StageRun.objects.filter(order=order, stage__code="release").update(started_at=at(99))
    assert seen().in_time.count == 0


def test_without_a_past_order_the_page_says_what_would_fill_it(world):
    world.order()
    page = text_of(world.operations)
    assert "Nothing to judge yet: no order with predictions has passed its promise" in page
    assert "How many alarms, last 28 days" in page
    assert "not a member of any site" in text_of(make_user("newcomer"))


def test_the_page_says_too_few_shows_the_curve_and_asks_for_costs(world):
    under_way(world)
    raise_flag(past_order(world), PROMISE, stage="", raised_at=at(90))
    page = text_of(world.operations)
    assert "The flag for the promise: too few to say. Of 1 order 1 came late; flagged: 1, rightly: 1." in page
    assert "By the ledger attention would have flagged 1 order, 0 of them for nothing, and missed 0 late." in page
    assert "is not entered, so no threshold is proposed" in page
    assert "set in the master data by who administers the plant" in page
    boss = make_user("boss", world.plant, role=Role.ADMINISTRATOR)
    assert reverse("admin:batches_riskthreshold_changelist") in text_of(boss)


def test_with_costs_each_threshold_has_its_price(world):
    under_way(world)
    raise_flag(past_order(world), PROMISE, stage="", raised_at=at(90))
    product = world.flow.product
    RiskThreshold.objects.create(product=product, acting_cost=1, late_cost=8, avoided_by_acting=0.5)
    page = text_of(world.operations)
    assert "Cost an order" in page
    assert "Too few past orders to choose a threshold by. If P(late) is right, flags pay from 25 %." in page
    rows = csv.DictReader(StringIO(browser_of(world.operations).get(reverse("alarm_thresholds_csv")).content.decode()))
    costs = {row["threshold"]: (row["product"], row["flagged"], row["cost_per_order"]) for row in rows}
    assert (costs["0.3"], costs["0.35"]) == (("product-small", "1", "5.0"), ("product-small", "0", "8.0"))


def test_the_file_holds_the_figures(world):
    under_way(world)
    raise_flag(past_order(world), PROMISE, stage="", raised_at=at(90), severity=CRITICAL)
    rows = list(csv.DictReader(StringIO(browser_of(world.operations).get(reverse("alarms_csv")).content.decode())))
    assert [(row["of"], row["severity"]) for row in rows if row["flag"] == "promise_at_risk"] == [
        ("All orders", "attention"), ("All orders", "critical"), ("Plant", "attention"), ("Plant", "critical"),
        ("Product small", "attention"), ("Product small", "critical"),
    ]  # fmt: skip
    assert (rows[0]["recall"], rows[0]["others_flagged_share"], rows[0]["warning_hours_50"]) == ("1.0", "", "100.0")


def test_a_stranger_sees_none_of_it(world):
    raise_flag(past_order(world), PROMISE, stage="", raised_at=at(90))
    assert "Nothing to judge yet" in text_of(world.stranger_person)
    answer = browser_of(world.stranger_person).get(reverse("alarms_csv"))
    assert len(answer.content.decode().splitlines()) == 1


def test_rest_gives_the_alarms_of_ones_own_lines(world):
    raise_flag(past_order(world), PROMISE, stage="", raised_at=at(400))
    (line,) = session_of(world.operations).get("/api/v1/alarms/").json()["results"]
    attention = line["flags"][0]
    assert (attention["flag"], attention["severity"], attention["came"]) == ("promise_at_risk", "attention", 1)
    assert attention["precision"] == {"count": 0, "of": 0, "share": None, "low": None, "high": None}
    (product,) = line["products"]
    assert (product["product"], product["attention"], product["is_few"]) == ("product-small", 0.3, True)
    assert next(row["hits"] for row in product["thresholds"] if row["threshold"] == 0.3) == 1
    assert (line["load"]["alarms"], line["load"]["standing"], line["load"]["stale"]) == (1, 1, 1)
    assert session_of(world.coordinator).get("/api/v1/alarms/").json()["results"] == []
    assert session_of(world.operations).get("/api/v1/alarms/", {"line": "none"}).status_code == 400


@pytest.mark.parametrize("orders", [1, 3])
def test_the_cost_of_the_page_and_of_rest(world, django_assert_num_queries, orders):
    under_way(world)
    for number in range(orders):
        raise_flag(past_order(world, number), PROMISE, stage="", raised_at=at(90))
    client = browser_of(world.operations)
    client.get(reverse("alarms"))
    with django_assert_num_queries(PAGE):
        client.get(reverse("alarms"))
    reporter = client_of(world.source)
    reporter.get("/api/v1/alarms/")
    with django_assert_num_queries(REST):
        reporter.get("/api/v1/alarms/")
