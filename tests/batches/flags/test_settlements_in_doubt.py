"""A flag that is settled shouts no more; a settlement that one person calls wrong counts no more."""

import pytest
from django.urls import reverse

from batches.flags.actions.people import settle_flag
from batches.flags.models import Flag
from batches.judgement.statuses import Harm
from supplychain.orders.models import PatientOrder, StatusEvent
from supplychain.recording.actions import withdraw_report
from tests.batches.flags.interlocked import InterlockWorld, failed_after_infusion, judged, refusal, told
from tests.supplychain.builders import at

pytestmark = pytest.mark.django_db
REASON = "Physician reached, D-17."


@pytest.fixture
def world() -> InterlockWorld:
    return InterlockWorld()


def flag_of(order: PatientOrder) -> Flag:
    return Flag.objects.get(order=order, code="stage_failed")


def settled(world: InterlockWorld) -> PatientOrder:
    order = failed_after_infusion(world)
    judged()
    settle_flag(flag_of(order).pk, by=world.quality, reason=REASON, now=at(401))
    return order


@pytest.mark.parametrize("is_judged", [True, False])
def test_a_settled_flag_asks_for_nothing_on_any_page(client, world, is_judged):
    order = settled(world)
    if is_judged:
        judged(402)
    flag = flag_of(order)
    said = f"Nothing more about this flag: quynh of quality assurance settled it: “{REASON}”"
    assert (flag.harm, flag.next_step, flag.severity) == (Harm.SETTLED, said, "critical")
    client.force_login(world.quality)
    wall = client.get(f"{reverse('control_tower')}?wall=1").content.decode()
    assert (said in wall, "nobody has it" in wall, "alarm" in wall.split("wall-risk")[1]) == (True, False, False)
    assert "Settled by quality assurance" in wall
    handed = client.get(reverse("handover")).content.decode()
    assert (said in handed, "alarm the treating physician" in handed) == (True, False)
    page = client.get(reverse("order", args=[order.pk])).content.decode()
    assert ("decide how it goes on" in page, "the order can be closed" in page) == (False, True)


def test_the_interface_tells_settled_from_acknowledged(client, world):
    order = settled(world)
    client.force_login(world.quality)
    (one,) = client.get(f"/api/v1/flags/?order={order.pk}").json()["results"]
    assert (one["harm"], one["settled_by"], one["settled_at"]) == ("settled", "quynh", at(401).isoformat().replace(
        "+00:00", "Z"
    ))  # fmt: skip
    assert one["next_step"].startswith("Nothing more")
    assert (one["decided_at"], one["decided_by"], one["work_is_left"]) == (one["settled_at"], "quynh", False)


def test_the_interface_tells_a_decision_that_leaves_work_with_what_is_left(client, world):
    order = world.order()
    told(world, order, ("started", "collection", 1), ("failed", "collection", 5))
    judged(6)
    settle_flag(flag_of(order).pk, by=world.quality, reason=REASON, now=at(7))
    judged(8)
    client.force_login(world.quality)
    (one,) = client.get(f"/api/v1/flags/?order={order.pk}&code=stage_failed").json()["results"]
    assert (one["settled_at"], one["settled_by"]) == (None, "")
    assert (one["decided_by"], one["work_is_left"]) == ("quynh", True)
    assert one["decided_at"] == at(7).isoformat().replace("+00:00", "Z")
    assert one["next_step"].startswith("Operations: begin a new attempt, or cancel the order")


def test_one_person_who_calls_the_decision_wrong_makes_the_flag_stand_again(client, world):
    order = settled(world)
    judged(402)
    decision = StatusEvent.objects.get(order=order, kind="settled")
    withdraw_report(decision.pk, by=world.quality, reason="Physician was not reached.", now=at(403))
    assert "Quality assurance of the plant settles the flag first" in refusal(
        order, world.operator, "closed", hours=403, now=at(403.5)
    )
    judged(404)
    flag = flag_of(order)
    assert (flag.harm, flag.severity, flag.acknowledged_at) == (Harm.DOSE_IN_DOUBT, "critical", None)
    assert flag.why.startswith("Settled no longer, one person says that the decision was wrong, and a second one has")
    client.force_login(world.quality)
    page = client.get(reverse("order", args=[order.pk])).content.decode()
    assert ("order-alarm" in page, "kind=closed" in page, "Settled by" in page) == (True, False, False)

    withdraw_report(decision.pk, by=world.operator, reason="Right, nobody was.", now=at(405))
    judged(406)
    flag.refresh_from_db()
    assert (flag.harm, flag.why.startswith("Settled no longer, two people have said that the decision was wrong")) == (
        Harm.DOSE_IN_DOUBT, True,
    )  # fmt: skip
    page = client.get(reverse("order", args=[order.pk])).content.decode()
    assert ("Settlement: withdrawal confirmed" in page, "report withdrawn" in page) == (True, False)


def test_who_called_it_wrong_may_decide_anew(world):
    order = settled(world)
    decision = StatusEvent.objects.get(order=order, kind="settled")
    withdraw_report(decision.pk, by=world.quality, reason="Physician was not reached.", now=at(403))
    judged(404)
    settle_flag(flag_of(order).pk, by=world.quality, reason="Reached now.", now=at(405))
    for hours in (406, 407):
        judged(hours)
        assert (flag_of(order).harm, "Reached now." in flag_of(order).next_step) == (Harm.SETTLED, True)


def test_the_second_person_reads_that_the_flag_stands_until_they_decide(client, world):
    """The dialog said that the decision counts until it is confirmed; the flag stands from the first word on."""
    order = settled(world)
    judged(402)
    decision = StatusEvent.objects.get(order=order, kind="settled")
    withdraw_report(decision.pk, by=world.operator, reason="Not so.", now=at(403))
    client.force_login(world.both)
    text = client.get(reverse("withdraw_event", args=[order.pk, decision.pk])).text
    assert ("it counts as it was made" in text, "From the first word on the flag stands again" in text) == (False, True)


def test_a_settled_flag_is_called_settled_where_work_is_done_until_its_decision_is_in_doubt(client, world):
    order = settled(world)
    judged(402)
    client.force_login(world.quality)
    custody = reverse("custody", args=[order.pk])
    page = client.get(custody).content.decode()
    assert "<strong>Settled: " in page
    assert "<strong>Critical: " not in page
    decision = StatusEvent.objects.get(order=order, kind="settled")
    withdraw_report(decision.pk, by=world.quality, reason="Physician was not reached.", now=at(403))
    judged(404)
    page = client.get(custody).content.decode()
    assert "<strong>Critical: " in page
    assert "<strong>Settled: " not in page
