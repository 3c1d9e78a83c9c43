"""One identifier on two orders: both are flagged, whichever is judged first."""

import pytest

from batches.flags.actions.people import acknowledge_flag
from batches.flags.models import Flag
from batches.flags.statuses import FlagChangeKind
from batches.judgement.statuses import FlagCode, Severity
from supplychain.identifiers.statuses import IdentifierKind
from supplychain.orders.actions.events import Reporter, record_events
from supplychain.orders.models import Identifier, PatientOrder
from supplychain.people.statuses import Role
from tests.batches.judging import changes, due_again, evaluate, make_due, raised
from tests.batches.lines.builders import PoolWorld
from tests.supplychain.builders import at, make_user
from tests.supplychain.due_orders import nothing_due

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> PoolWorld:
    return PoolWorld()


def donated(world: PoolWorld, order: PatientOrder, number: str, hours: float, detail: str = "donation_number") -> None:
    row = {
        "source_event_id": f"{order.pk}-note-{hours}", "order": str(order.pk), "kind": "note", "stage": "collection",
        "occurred_at": at(hours).isoformat(), "payload": {detail: number},
    }  # fmt: skip
    order.refresh_from_db()
    who = make_user(f"kari-{order.pk}-{hours}", order.collection_site, role=Role.SITE_COORDINATOR)
    assert record_events([row], by=Reporter.of_user(who), now=at(hours))[0].outcome == "created"


def test_one_donation_on_two_patients_orders_flags_both(world):
    first, second = world.arrived(20), world.arrived(20, patient_reference="pseudonym-2")
    donated(world, first, "G123498654321", 21)
    evaluate(22)
    donated(world, second, "G123498654321", 23)
    nothing_due([first])  # the wake of the first got lost

    evaluate(24)
    evaluate(24)

    shared = (FlagCode.IDENTITY_SHARED, "", Severity.CRITICAL)
    assert [raised(first), raised(second)] == [[shared], [shared]]
    assert first.coi in Flag.objects.get(order=second).why


def test_an_order_that_shares_an_identifier_is_judged_with_the_one_of_which_something_is_heard(world):
    first, second = world.arrived(20), world.arrived(20, patient_reference="pseudonym-2")
    donated(world, second, "G123498654321", 21)
    Identifier.objects.create(order=first, kind=IdentifierKind.DONATION, value="G123498654321", recorded_at=at(21))
    nothing_due([first])

    evaluate(22)

    assert due_again(first) == at(22)


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


SHARED = (FlagCode.IDENTITY_SHARED, "", Severity.CRITICAL)


def test_a_corrected_number_clears_the_flags_of_both_orders(world):
    first, second = world.arrived(20), world.arrived(20, patient_reference="pseudonym-2")
    donated(world, first, "G123498654321", 21)
    donated(world, second, "G123498654321", 21)
    evaluate(22)
    assert [raised(first), raised(second)] == [[SHARED], [SHARED]]
    make_due([first], 400)

    donated(world, second, "G999998654321", 23)
    evaluate(23)
    evaluate(23)

    assert [raised(first), raised(second)] == [[], []]


def test_a_value_that_is_another_orders_number_of_another_kind_flags_both(world):
    first, second = world.arrived(20), world.arrived(20, patient_reference="pseudonym-2")
    donated(world, second, first.coi, 21)
    evaluate(22)
    evaluate(22)
    no_donation = (FlagCode.DONATION_NUMBER, "", Severity.ATTENTION)
    assert [raised(first), raised(second)] == [[SHARED], [no_donation, SHARED]]

    donated(world, second, "B-7", 23)
    donated(world, first, "B-7", 23, detail="batch_number")
    PatientOrder.objects.filter(pk=second.pk).update(plant=world.bergen)
    evaluate(24)
    assert [raised(first), raised(second)] == [[SHARED], [no_donation, SHARED]]


def test_a_cancelled_partner_only_wants_attention(world):
    first, second = world.arrived(20), world.arrived(20, patient_reference="pseudonym-2")
    donated(world, first, "G123498654321", 21)
    donated(world, second, "G123498654321", 21)
    evaluate(22)
    make_due([first], 400)

    world.tell(second, ("", "cancelled", 23))
    evaluate(23)
    evaluate(23)

    attention = (FlagCode.IDENTITY_SHARED, "", Severity.ATTENTION)
    assert raised(first) == [attention]
    assert [code for code, *_ in raised(second)] == [FlagCode.CELLS_UNDECIDED]


def test_an_order_of_another_hospital_is_not_named(world):
    first, second = world.arrived(20), world.arrived(20, patient_reference="pseudonym-2")
    PatientOrder.objects.filter(pk=second.pk).update(
        ordering_site=world.bergen, collection_site=world.bergen, infusion_site=world.bergen
    )
    donated(world, first, "G123498654321", 21)
    donated(world, second, "G123498654321", 21)
    evaluate(22)

    for flag, other in ((Flag.objects.get(order=first), second), (Flag.objects.get(order=second), first)):
        assert "another order, which not every reader of this may see" in flag.why
        said = f"{flag.why} {flag.next_step} {flag.evidence} {list(flag.changes.values())}"
        assert (other.coi in said, str(other.pk) in said) == (False, False)


def test_a_third_order_that_joins_must_be_acknowledged_anew(world):
    first, second = world.arrived(20), world.arrived(20, patient_reference="pseudonym-2")
    donated(world, first, "G123498654321", 21)
    donated(world, second, "G123498654321", 21)
    evaluate(22)
    flag = Flag.objects.get(order=first)
    acknowledge_flag(flag.pk, by=make_user("berg", world.oslo), person="Dr Berg", comment="Known.", now=at(22))
    evaluate(23.5)
    flag.refresh_from_db()
    assert flag.acknowledged_by == "Dr Berg"

    donated(world, world.arrived(23, patient_reference="pseudonym-3"), "G123498654321", 24)
    evaluate(24)
    evaluate(24)

    flag.refresh_from_db()
    assert (flag.acknowledged_at, flag.raised_at, flag.cleared_at) == (None, at(24), None)
    assert changes(first, FlagCode.IDENTITY_SHARED)[-1] == (FlagChangeKind.RAISED_AGAIN, Severity.CRITICAL)
