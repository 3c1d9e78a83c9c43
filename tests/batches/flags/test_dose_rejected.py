"""Every dose of an order was rejected or destroyed: it is flagged, and no forecast speaks as if one were there."""

import pytest

from batches.flags.actions.people import FlagActionRefused, settle_flag
from batches.flags.models import Flag
from batches.flags.rules.judging import judge
from batches.flags.rules.rejected import OF_LIVING_CELLS
from batches.forecasts.models import Forecast
from batches.forecasts.queries.hold_budgets import hold_budgets_of
from batches.judgement.statuses import FlagCode, Harm, Severity
from dashboards.orders.queries.page import order_view
from supplychain.materials.rules.fitness import DoseSaid
from supplychain.orders.actions.events import record_event
from supplychain.orders.models import PatientOrder
from supplychain.orders.queries import open_stops
from supplychain.orders.statuses import Doubt, OrderStatus, StageStatus
from supplychain.people.statuses import Role
from tests.batches.builders import a_run, an_order, completed
from tests.batches.flags.interlocked import InterlockWorld, judged, refusal, told
from tests.supplychain.builders import at, make_user, report

TO_RELEASE = (
    ("completed", "collection", 5), ("started", "inbound", 6), ("completed", "inbound", 30),
    ("started", "selection", 31), ("completed", "selection", 43), ("started", "harvest", 43),
    ("completed", "harvest", 55), ("started", "release", 56),
)  # fmt: skip


@pytest.fixture
def world(db) -> InterlockWorld:
    return InterlockWorld()


@pytest.fixture
def order(world) -> PatientOrder:
    """An order at its release, with two doses."""
    order = world.order(promised_at=at(900))
    told(world, order, *TO_RELEASE)
    for number in ("DOSE-1", "DOSE-2"):
        say(world, order, "material", 55, {"number": number, "kind": "final_bag", "stage": "harvest"})
    return order


def say(world: InterlockWorld, order: PatientOrder, kind: str, hours: float, payload: dict[str, str]) -> None:
    row = report(order, kind, hours=hours, payload=payload) | {"source_event_id": f"{kind} {sorted(payload.items())}"}
    result = record_event(row, by=world.reporter, now=at(hours))
    assert result.outcome == "created", result.refusal


def reject(world: InterlockWorld, order: PatientOrder, number: str, hours: float) -> None:
    say(world, order, "material_is", hours, {"number": number, "status": "rejected", "reason": "bag leaked"})


def flags() -> list[Flag]:
    return list(Flag.objects.filter(code=FlagCode.DOSE_REJECTED, cleared_at=None))


def test_nothing_is_flagged_while_a_dose_is_left(world, order):
    reject(world, order, "DOSE-1", 57)
    judged(58)
    assert flags() == []


def test_without_a_dose_nobody_releases(world, order):
    for number in ("DOSE-1", "DOSE-2"):
        reject(world, order, number, 57)
    judged(58)
    [flag] = flags()
    assert (flag.severity, flag.harm) == (Severity.CRITICAL, Harm.FAILED)
    assert "Each of the 2 doses of this order can be given no more: DOSE-1 was rejected" in flag.why
    assert "(bag leaked)" in flag.why
    assert [stop.doubt for stop in open_stops([order.pk], now=at(59))[order.pk]] == [Doubt.CELLS]
    outlook = Forecast.objects.get(order=order, superseded_at=None)
    assert outlook.evidence["assumes_cleared"] == "if the dose had not been rejected or destroyed"


def test_nobody_settles_that_no_dose_is_left_and_the_refusal_says_what_ends_it(world, order):
    for number in ("DOSE-1", "DOSE-2"):
        reject(world, order, number, 57)
    judged(58)
    [flag] = flags()
    with pytest.raises(FlagActionRefused, match="ends with a new attempt, another dose that is recorded"):
        settle_flag(flag.pk, by=world.quality, reason="seen", now=at(59))
    told(world, order, ("completed", "release", 60))
    judged(61)
    nurse = make_user("nora", order.infusion_site, role=Role.SITE_COORDINATOR)
    why = refusal(order, nurse, "started", "infusion", hours=62)
    assert "settle" not in why
    assert why.endswith("agree on a new attempt, cancel the order, or have a wrong report of the rejection withdrawn: "
                        "call them.")  # fmt: skip
    assert flag.pk not in order_view(order, world.quality, at(59), most_events=None).settleable


def test_another_dose_or_attempt_ends_it(world, order):
    for number in ("DOSE-1", "DOSE-2"):
        reject(world, order, number, 57)
    judged(58)
    say(world, order, "material", 59, {"number": "DOSE-3", "kind": "final_bag", "stage": "harvest"})
    judged(60)
    assert flags() == []


def test_cells_that_were_destroyed_as_a_whole_are_told_too(world, order):
    say(world, order, "handed_over", 57, {"from": "plant", "to": "destroyed"})
    judged(58)
    assert "The cells of this order were destroyed" in flags()[0].why


LOST = DoseSaid("D-1", at(5), "rejected", at(6), "")


@pytest.mark.parametrize(
    ("runs", "status", "harm"),
    [
        ([a_run("outbound", StageStatus.RUNNING, started=7)], OrderStatus.IN_PROGRESS, Harm.DOSE_TO_STOP),
        ([a_run("infusion", StageStatus.RUNNING, started=7)], OrderStatus.IN_PROGRESS, Harm.DOSE_BEING_GIVEN),
        ([completed("infusion", 7)], OrderStatus.CLOSED, Harm.DOSE_IN_DOUBT),
    ],
)
def test_a_rejected_dose_that_is_out_is_the_dose_s_harm(runs, status, harm):
    found = judge(an_order(*runs, status=status, doses=(LOST,)), at(8)).findings
    assert [one.harm for one in found if one.code == FlagCode.DOSE_REJECTED] == [harm]


GONE = DoseSaid("", at(6), "destroyed", at(6), "")


def test_of_destroyed_cells_nothing_is_late():
    inbound = a_run("inbound", StageStatus.RUNNING, started=1)
    kept = {one.code for one in judge(an_order(inbound), at(300)).findings}
    found = judge(an_order(inbound, doses=(GONE,)), at(300))
    assert kept.intersection(OF_LIVING_CELLS)
    assert not OF_LIVING_CELLS & {one.code for one in found.findings}
    assert found.forecast.assumes_cleared == "if the cells had not been destroyed"


def test_a_destruction_that_is_reported_for_later_has_not_been():
    inbound = a_run("inbound", StageStatus.RUNNING, started=1)
    found = judge(an_order(inbound, doses=(GONE,)), at(5))
    assert FlagCode.DOSE_REJECTED not in [one.code for one in found.findings]
    assert found.next_at <= at(6)


def test_of_two_reports_of_one_destruction_the_first_says_since_when(world, order):
    for hour in (57, 80):
        say(world, order, "handed_over", hour, {"from": "plant", "to": "destroyed", "place": str(hour)})
    judged(90)
    assert flags()[0].since == at(57)


def test_the_time_of_destroyed_cells_runs_no_more(world):
    order = world.order(promised_at=at(900))
    told(world, order, ("completed", "collection", 5))
    say(world, order, "handed_over", 7, {"from": "collection_site", "to": "destroyed"})
    assert hold_budgets_of([order.pk], at(6))
    assert not hold_budgets_of([order.pk], at(8))


def test_the_order_page_of_destroyed_cells_says_what_is_to_be_agreed_on(world):
    order = world.order(promised_at=at(900))
    told(world, order, ("completed", "collection", 5), ("started", "inbound", 6))
    say(world, order, "handed_over", 7, {"from": "courier", "to": "destroyed"})
    judged(8)
    order.refresh_from_db()
    steps = order_view(order, world.quality, at(8)).steps
    assert steps
    assert not {step.stage for step in steps} & {"inbound"}
