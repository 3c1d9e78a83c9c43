"""One identifier on two orders: both are flagged, whichever is judged first."""

from datetime import timedelta

import pytest

from batches.models import Flag
from batches.statuses import FlagCode, Severity
from supplychain.actions.events import record_events
from supplychain.models import Identifier, PatientOrder
from supplychain.statuses import IdentifierKind
from tests.batches.judging import due_again, evaluate, make_due, raised
from tests.batches.pool_builders import PoolWorld
from tests.supplychain.builders import at

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> PoolWorld:
    return PoolWorld()


def donated(world: PoolWorld, order: PatientOrder, number: str, hours: float) -> None:
    row = {
        "source_event_id": f"{order.pk}-note-{hours}", "order": str(order.pk), "kind": "note", "stage": "collection",
        "occurred_at": at(hours).isoformat(), "payload": {"donation_number": number},
    }  # fmt: skip
    assert record_events([row], by=world.reporter, now=at(hours))[0].outcome == "created"


def test_one_donation_on_two_patients_orders_flags_both(world):
    first, second = world.arrived(20), world.arrived(20, patient_reference="pseudonym-2")
    donated(world, first, "G123498654321", 21)
    evaluate(22)
    donated(world, second, "G123498654321", 23)
    PatientOrder.objects.filter(pk=first.pk).update(evaluate_after=None)  # the wake of the first got lost

    evaluate(24)
    evaluate(24)

    shared = (FlagCode.IDENTITY_SHARED, "", Severity.CRITICAL)
    assert [raised(first), raised(second)] == [[shared], [shared]]
    assert first.coi in Flag.objects.get(order=second).why


def test_an_order_looks_again_until_the_one_that_shares_its_identifier_is_flagged(world):
    first, second = world.arrived(20), world.arrived(20, patient_reference="pseudonym-2")
    donated(world, second, "G123498654321", 21)
    Identifier.objects.create(order=first, kind=IdentifierKind.DONATION, value="G123498654321", recorded_at=at(21))
    PatientOrder.objects.filter(pk=first.pk).update(evaluate_after=None)

    evaluate(22)

    assert (due_again(first), due_again(second)) == (at(22), at(22) + timedelta(minutes=1))


def test_a_batch_number_is_shared_only_within_one_plant(world):
    first, second = world.arrived(20), world.arrived(20)
    for order in (first, second):
        Identifier.objects.create(order=order, kind=IdentifierKind.BATCH, value="B-1", recorded_at=at(20))
    evaluate(21)
    assert [code for code, _, _ in raised(first)] == [FlagCode.IDENTITY_SHARED]

    PatientOrder.objects.filter(pk=second.pk).update(plant=world.bergen)
    make_due([first, second], 22)
    evaluate(22)

    assert (raised(first), raised(second)) == ([], [])
