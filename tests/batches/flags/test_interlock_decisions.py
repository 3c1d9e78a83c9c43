"""What quality assurance decides about a critical flag: how long it counts, and how the pages show it."""

import pytest
from django.urls import reverse

from batches.flags.actions.people import FlagActionRefused, settle_flag
from batches.flags.models import Flag
from batches.judgement.statuses import Severity
from supplychain.orders.actions.events import record_event
from supplychain.orders.models import PatientOrder, StatusEvent
from supplychain.orders.queries import open_stops
from supplychain.orders.rules.interlocks import Stop
from supplychain.orders.statuses import Doubt, ReportOutcome
from supplychain.recording.actions import withdraw_report
from tests.batches.flags.interlocked import NUMBER, InterlockWorld, failed_after_infusion, judged, mixed_up, refusal
from tests.supplychain.builders import at, report

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> InterlockWorld:
    return InterlockWorld()


def doubts(order: PatientOrder, hours: float) -> list[Stop]:
    """Those of its critical flags that put something in doubt, but for the waits that are over by then."""
    return [stop for stop in open_stops([order.pk], now=at(hours))[order.pk] if stop.doubt not in ("", Doubt.CELLS)]


def test_a_decision_counts_until_the_flag_is_raised_again(world):
    order = mixed_up(world)
    judged()
    flag = Flag.objects.get(order=order, code="identity_shared")
    settle_flag(flag.pk, by=world.quality, reason="The other label is wrong.", now=at(401))
    (stop,) = doubts(order, 402)
    assert (stop.settlement.by, stop.settlement.reason) == ("quynh", "The other label is wrong.")
    third = world.order(patient_reference="pseudonym-3")
    said = report(third, "completed", "collection", 5, payload={"donation_number": NUMBER})
    record_event(said, by=world.reporter, now=at(403))
    judged(404)
    judged(405)
    (stop,) = doubts(order, 406)
    assert stop.settlement is None


def test_a_decision_about_one_swap_does_not_cover_another_after_the_first_has_ended(world):
    order = mixed_up(world)
    judged()
    flag = Flag.objects.get(order=order, code="identity_shared")
    settle_flag(flag.pk, by=world.quality, reason="The other label is wrong.", now=at(401))
    first = PatientOrder.objects.exclude(pk=order.pk).get()
    record_event(report(first, "cancelled", hours=402), by=world.reporter, now=at(402))
    judged(402)
    judged(402)
    flag.refresh_from_db()
    assert (flag.severity, flag.cleared_at) == (Severity.ATTENTION, None)

    third = world.order(patient_reference="pseudonym-3")
    said = report(third, "completed", "collection", 5, payload={"donation_number": NUMBER})
    record_event(said, by=world.reporter, now=at(403))
    judged(404)
    judged(405)

    (stop,) = doubts(order, 406)
    assert (stop.flag_id, stop.settlement) == (flag.pk, None)
    assert "settle the flag: call them" in refusal(order, world.operator, "started", "selection", now=at(407))


def test_who_settled_a_flag_may_settle_it_again_after_that_was_withdrawn(world):
    order = failed_after_infusion(world)
    judged()
    flag = Flag.objects.get(order=order, code="stage_failed")
    settle_flag(flag.pk, by=world.quality, reason="Deviation D-17 opened.", now=at(401))
    with pytest.raises(FlagActionRefused, match="You settled this flag already"):
        settle_flag(flag.pk, by=world.quality, reason="Deviation D-17 opened.", now=at(401.001))
    decision = StatusEvent.objects.get(order=order, kind="settled")
    for person in (world.quality, world.operator):
        withdraw_report(decision.pk, by=person, reason="Another order was meant.", now=at(402))
    judged(402)
    assert [stop.settlement for stop in doubts(order, 403)] == [None]

    settle_flag(flag.pk, by=world.quality, reason="Deviation D-18 opened.", now=at(404))

    assert [stop.settlement.reason for stop in doubts(order, 405)] == ["Deviation D-18 opened."]
    with pytest.raises(FlagActionRefused, match="You settled this flag already"):
        settle_flag(flag.pk, by=world.quality, reason="Deviation D-18 opened.", now=at(404.001))


def test_no_system_settles_a_flag(world):
    order = failed_after_infusion(world)
    judged()
    flag = Flag.objects.get(order=order, code="stage_failed")
    row = report(order, "settled", "", 301, payload={"flag": str(flag.pk), "reason": "fine"})
    assert record_event(row, by=world.reporter, now=at(401)).outcome == ReportOutcome.REJECTED


def test_the_order_page_shows_no_closing_and_says_why(client, world):
    order = failed_after_infusion(world)
    judged()
    client.force_login(world.quality)
    page = client.get(reverse("order", args=[order.pk])).content.decode()
    assert "kind=closed" not in page
    assert "Not now: Order closed." in page
    flag = Flag.objects.get(order=order, code="stage_failed")
    assert reverse("settle_flag", args=[flag.pk]) in page
    done = client.post(reverse("settle_flag", args=[flag.pk]), {"reason": "Deviation D-17 opened."})
    assert done.status_code == 302
    page = client.get(reverse("order", args=[order.pk])).content.decode()
    assert ("kind=closed" in page, "Not now" in page, "Deviation D-17 opened." in page) == (True, False, True)


def test_critical_flags_stand_in_the_dialog_and_in_every_row_of_the_worklist(client, world):
    order = mixed_up(world)
    judged()
    client.force_login(world.both)
    text = f"Donation identification number {NUMBER} also stands on"
    address = f"{reverse('report_event', args=[order.pk])}?kind=started&stage=selection"
    dialog = client.get(address).content.decode()
    assert (text in dialog, 'name="override"' in dialog) == (True, True)
    listed = client.get(f"{reverse('operations')}?order={order.pk}").content.decode()
    assert text in listed
    scanned = client.post(reverse("operations"), {"code": order.coi}).content.decode()
    assert scanned.count(text) == 2
    form = client.get(f"{reverse('operations')}?order={order.pk}&deed=started:selection").content.decode()
    assert (text in form, 'name="override"' in form) == (True, True)
