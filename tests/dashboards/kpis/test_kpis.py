"""The KPI page: from events to figures, for one's own sites, at a fixed cost."""

import csv
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from itertools import pairwise

import pytest
import time_machine
from django.urls import reverse

from batches.outcomes.actions import refresh_outcomes
from batches.outcomes.models import OrderOutcome, OutcomeCursor
from batches.outcomes.queries import kpi_cases, kpi_facts
from batches.outcomes.rules import NOT_STATED, Figure, figures, figures_of_cases, grouped, loss_reasons
from batches.outcomes.tasks import refresh_outcomes as refresh_task
from dashboards.kpis.rules.tables import sums_of
from supplychain.orders.actions.events import Reporter, record_event
from supplychain.orders.models import PatientOrder, StatusEvent
from supplychain.systems.models import SourceSystem
from tests.dashboards.builders import TowerWorld, browser_of
from tests.supplychain.builders import at, make_site, make_source, make_user, report

pytestmark = pytest.mark.django_db

# Session, person, their sites, whether there are others: 4. Sites and products to choose from: 3. The cases: none
# within a minute.
KPIS = 7


@pytest.fixture
def world() -> TowerWorld:
    return TowerWorld()


@pytest.fixture(autouse=True)
def _now_is_hour_600() -> Iterator[None]:
    with time_machine.travel(at(600), tick=False):
        yield


def make(world: TowerWorld, order, start: float = 0, attempt: int = 1) -> None:
    """From collection to release; the dose is ready to infuse 100 h after the start."""
    stages = (
        ["selection", "harvest", "release"]
        if attempt > 1
        else ["collection", "inbound", "selection", "harvest", "release"]
    )
    said = {"attempt": attempt} if attempt > 1 else {}
    for place, stage in enumerate(stages):
        world.say(order, "started", stage, start + 1 + place * 20, **said)
        world.say(order, "completed", stage, start + 20 + place * 20, **said)


@pytest.fixture
def past(world) -> None:
    """One dose infused in time, one patient lost, one attempt out of specification and made anew, one before."""
    good = world.order(coi="CO-GOOD", promised_at=at(110))
    make(world, good)
    world.say(good, "started", "infusion", 119)
    world.say(good, "completed", "infusion", 120)
    lost = world.order(coi="CO-LOST", promised_at=at(90))
    world.say(lost, "completed", "collection", 20)
    world.say(lost, "cancelled", hours=50, payload={"reason": "patient died"})
    again = world.order(coi="CO-AGAIN", promised_at=at(150))
    make(world, again)
    world.say(again, "started", "sterility", 90)
    world.say(again, "failed", "sterility", 130)
    make(world, again, 140, attempt=2)
    failed = world.order(coi="CO-FAILED")
    world.say(failed, "completed", "collection", 20)
    world.say(failed, "started", "selection", 60)
    world.say(failed, "failed", "selection", 65)
    refresh_outcomes()


def page(person, query: str = ""):
    return browser_of(person).get(f"{reverse('kpis')}?{query}")


def test_the_figures_follow_from_the_events(world, past):
    total = page(world.operations).context["total"]
    assert total.vein_to_vein == Figure(100 / 24, 1, 100 / 24)
    assert total.turnaround == Figure(pytest.approx(130 / 24), 2, pytest.approx(170 / 24))
    assert total.on_time == Figure(50.0, 2)
    assert total.conforming == Figure(pytest.approx(200 / 3), 3)
    assert total.making_failures == Figure(25.0, 4)
    assert total.out_of_specification == Figure(pytest.approx(100 / 3), 3)
    assert total.losses == Figure(50.0, 2)
    assert total.still_in_process == 1


def test_a_stranger_sees_no_figure(world, past):
    response = page(world.stranger_person)
    assert (response.context["months"], response.context["total"].vein_to_vein) == ([], Figure(None, 0, None))
    assert "no dose was decided" in response.text
    assert "You are not a member" in page(make_user("newcomer")).text


@pytest.mark.parametrize(
    ("query", "infused"),
    [("product=product-small", 1), ("product=other", 0), ("plant=plant", 1), ("plant=oslo", 0), ("site=oslo", 1),
     ("site=bergen", 0), ("until=2026-02", 0), ("until=2026-03&months=6", 1), ("until=2026-09", 1)],
)  # fmt: skip
def test_filters(world, past, query, infused):
    assert page(world.operations, query).context["total"].vein_to_vein.n == infused


@pytest.mark.parametrize(
    "query", ["months=0", "months=x", "until=2026-13", "until=0001-01", "until=%00", "product=%00", "site=" + "x" * 999]
)
@pytest.mark.parametrize("name", ["kpis", "kpis_csv"])
def test_nonsense_in_the_address_does_no_harm(world, past, name, query):
    assert browser_of(world.operations).get(f"{reverse(name)}?{query}").status_code == 200


def test_the_file_says_what_the_page_says(world, past):
    response = browser_of(world.operations).get(reverse("kpis_csv"))
    rows = list(csv.DictReader(StringIO(response.content.decode())))
    found = {(row["group"], row["name"], row["month"], row["measure"]): (row["value"], row["n"]) for row in rows}
    for key in (("all", "all", ""), ("month", "", "Mar 2026"), ("plant", "Plant", ""), ("centre", "Oslo", "")):
        assert found[*key, "losses"] == ("50.0", "2")


@pytest.mark.parametrize("orders", [1, 3])
@pytest.mark.parametrize("name", ["kpis", "kpis_csv"])
def test_the_page_costs_the_same_for_one_order_and_for_three(world, django_assert_num_queries, orders, name):
    for number in range(orders):
        make(world, world.order(coi=f"CO-{number}"))
    refresh_outcomes()
    client = browser_of(world.coordinator)
    client.get(reverse(name))
    with django_assert_num_queries(KPIS):
        client.get(reverse(name))


def test_figures_are_counted_once_a_minute_and_then_anew(world, past):
    def infused(query: str = "") -> int:
        return page(world.operations, query).context["total"].vein_to_vein.n

    before = infused()
    order = world.order(coi="CO-NEXT", promised_at=at(110))
    make(world, order)
    world.say(order, "completed", "infusion", 130)
    refresh_outcomes()
    with time_machine.travel(at(600) + timedelta(minutes=1), tick=False):
        assert (before, infused(), infused("product=other")) == (1, 2, 0)
    assert (infused(), infused("plant=plant")) == (1, 2)


def test_the_figures_kept_for_one_person_are_not_shown_to_another(world, past):
    stranger = make_user("parisian", make_site("paris"))
    ours, theirs = (page(person).context["total"].vein_to_vein.n for person in (world.operations, stranger))
    assert (ours, theirs) == (1, 0)


def test_the_reason_of_a_loss_is_not_that_of_a_system_that_may_not_say_it(world):
    order = world.order(coi="CO-NEW")
    courier = make_source("polar", world.oslo, world.plant)
    SourceSystem.objects.filter(pk=courier.pk).update(scopes=["events:write", "events:transport"])
    courier.refresh_from_db()
    row = report(order, "cancelled", hours=20, payload={"reason": "van broke down"})
    record_event(row, by=Reporter.of_source(courier), now=at(20))
    world.say(order, "cancelled", hours=30, payload={"reason": "patient died"})
    refresh_outcomes()
    assert OrderOutcome.objects.get(order=order).lost_reason == "patient died"


def test_outcomes_follow_every_change_and_can_be_rebuilt(world, past):
    assert refresh_outcomes() == 0
    order = world.order(coi="CO-NEW")
    world.say(order, "completed", "collection", 20)
    assert refresh_outcomes() == 1
    world.say(order, "closed", hours=30, payload={"reason": "x" * 300})
    assert refresh_outcomes() == 1
    outcome = OrderOutcome.objects.get(order=order)
    assert (outcome.collected_at, outcome.lost_reason) == (at(20), "x" * 200)
    columns = [field.attname for field in OrderOutcome._meta.fields]
    kept = list(OrderOutcome.objects.order_by("pk").values_list(*columns))
    OrderOutcome.objects.all().delete()
    OutcomeCursor.objects.all().delete()
    assert [refresh_outcomes(limit=2) for _ in range(4)] == [2, 2, 1, 0]
    assert list(OrderOutcome.objects.order_by("pk").values_list(*columns)) == kept


@pytest.mark.django_db(transaction=True)
def test_only_orders_that_changed_since_are_compared_with_their_outcomes(no_one_else):
    world = TowerWorld()
    old, new = world.order(coi="CO-OLD"), world.order(coi="CO-NEW")
    refresh_task()
    OrderOutcome.objects.all().delete()  # who compares all orders would write both again
    world.say(new, "completed", "collection", 20)
    refresh_task()
    assert list(OrderOutcome.objects.values_list("order", flat=True)) == [new.pk]
    OutcomeCursor.objects.all().delete()
    refresh_task()
    assert set(OrderOutcome.objects.values_list("order", flat=True)) == {old.pk, new.pk}


def test_a_month_leads_to_its_infused_orders(world, past):
    (march,) = page(world.operations).context["months"]
    response = browser_of(world.operations).get(march.link)
    assert [line.order.coi for line in response.context["lines"]] == ["CO-GOOD"]


def mixed_past(world) -> None:
    """Orders in every state that a figure tells apart, with what contradicts itself and what was said too late."""
    for number, collected in enumerate((1, 1, 30, 590)):
        order = world.order(coi=f"CO-PROMISED-{number}", promised_at=at(900))
        world.say(order, "completed", "collection", collected)
    unpromised = world.order(coi="CO-UNPROMISED", promised_at=None)
    world.say(unpromised, "completed", "collection", 40)
    world.order(coi="CO-NEW", promised_at=at(900))
    due = world.order(coi="CO-DUE", promised_at=at(500))
    world.say(due, "completed", "collection", 60)
    begun = world.order(coi="CO-BEGUN", promised_at=at(900))
    make(world, begun, start=400)
    twice = world.order(coi="CO-TWICE", promised_at=at(400))
    make(world, twice, start=100)
    world.say(twice, "completed", "infusion", 250)
    world.say(twice, "closed", hours=260)
    early = world.order(coi="CO-EARLY", promised_at=at(90))
    world.say(early, "completed", "collection", 80)
    world.say(early, "completed", "infusion", 70)
    ends = (
        ("cancelled", "patient died"),
        ("closed", ""),
        ("cancelled", "consent withdrawn"),
        ("closed", "patient died"),
    )
    for number, (kind, reason) in enumerate(ends):
        lost = world.order(coi=f"CO-GONE-{number}", promised_at=at(200))
        world.say(lost, "completed", "collection", 20 + number)
        world.say(lost, kind, hours=100 * number + 30, payload={"reason": reason} if reason else {})
    refresh_outcomes()
    OrderOutcome.objects.filter(order__coi="CO-NEW").delete()


SPANS = [[at(-100), at(30), at(300), at(700)], [at(100), at(300)], [at(-9_000), at(-100)], [at(20), at(119), at(120)]]


def says_the_same(orders, bounds, now) -> None:
    """The counts of the database and the rules over a row for each order, by month and for all months together."""
    every, cases = kpi_facts(orders), kpi_cases(orders, bounds, now)
    for month, span in enumerate(pairwise(bounds)):
        assert figures_of_cases(cases, month) == figures(every.outcomes, every.attempts, span, now)
    span = (bounds[0], bounds[-1])
    assert figures_of_cases(cases) == figures(every.outcomes, every.attempts, span, now)
    lost = [one for one in every.outcomes if one.is_lost_after_collection and span[0] <= one.lost_at < span[1]]
    assert dict(loss_reasons(cases)) == Counter(one.lost_reason.strip() or NOT_STATED for one in lost)
    sums = sums_of(cases, len(bounds) - 1)
    assert sums.total == figures_of_cases(cases)
    assert sums.months == [figures(every.outcomes, every.attempts, span, now) for span in pairwise(bounds)]
    for column in ("product_id", "plant_id", "site_id"):
        for place, alike in grouped(every.outcomes, lambda one, column=column: getattr(one, column)).items():
            tried = [one for one in every.attempts if getattr(one, column) == place]
            counted = [one for one in cases if getattr(one, column) == place]
            assert figures_of_cases(counted) == figures(alike, tried, span, now)
            assert not counted or sums.places[column][place] == figures_of_cases(counted)


@pytest.mark.parametrize("now", [at(100), at(600), at(950)])
@pytest.mark.parametrize("bounds", SPANS)
def test_counted_cases_say_what_a_row_for_each_order_says(world, past, bounds, now):
    mixed_past(world)
    for orders in (PatientOrder.objects.all(), PatientOrder.objects.of_sites([world.oslo.pk])):
        says_the_same(orders, bounds, now)


def test_counted_cases_follow_what_comes_late_and_what_is_withdrawn(world, past):
    order, orders = world.order(coi="CO-NEW", promised_at=at(900)), PatientOrder.objects.all()
    record_event(report(order, "completed", "harvest", 20), by=world.everywhere, now=at(590))
    refresh_outcomes()
    assert figures_of_cases(kpi_cases(orders, SPANS[0], at(600))).making_failures.n == 5
    says_the_same(orders, SPANS[0], at(600))
    made = StatusEvent.objects.get(order=order, stage="harvest")
    world.say(order, "withdrawn", "harvest", 595, payload={"event": str(made.pk), "reason": "another patient"})
    refresh_outcomes()
    assert figures_of_cases(kpi_cases(orders, SPANS[0], at(600))).making_failures.n == 4
    says_the_same(orders, SPANS[0], at(600))
