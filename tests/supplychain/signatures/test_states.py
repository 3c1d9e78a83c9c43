"""What the list says of a signature: whether the signed report is unaltered, and whether it still counts."""

import pytest
import time_machine
from django.urls import reverse

from batches.judgement.statuses import FlagCode, Severity
from supplychain.audit.models import Signature
from supplychain.audit.signing import Proof
from supplychain.flows.models import Stage
from supplychain.flows.queries import flow_plan
from supplychain.orders.actions.confirming import confirm_report
from supplychain.orders.actions.events import Reporter, record_event
from supplychain.orders.models import PatientOrder
from supplychain.orders.queries.signatures import signatures_of
from supplychain.people.statuses import Role
from tests.dashboards.builders import HTMX, browser_of, raise_flag
from tests.supplychain.builders import at, make_user, report
from tests.supplychain.sign_in.visitors import _forgetful  # noqa: F401
from tests.supplychain.signatures.signing import PASSWORD, SignedWorld

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_forgetful")]
OWN = {"sign-password": PASSWORD}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(at(50), tick=False):
        yield


@pytest.fixture
def world() -> SignedWorld:
    return SignedWorld()


def states(order: PatientOrder) -> list[str]:
    shown = signatures_of(PatientOrder.objects.get(pk=order.pk)).values()
    return [one.state.value for one in sorted(shown, key=lambda one: one.signature.event.position)]


def signs(world, order, kind: str, payload: dict, hours: float = 49) -> None:
    row = report(order, kind, hours=hours, payload=payload) | {"source_event_id": f"{kind}-{payload}-{hours}"}
    by = Reporter.of_user(world.quality, Proof(world.quality.pk, ("own_password",)))
    result = record_event(row, by=by, now=at(50))
    assert result.outcome == "created", result.refusal


def test_a_release_that_one_person_says_is_wrong_is_doubted(world):
    order = world.releasable()
    world.release(order, **OWN)
    said = {"event": str(Signature.objects.get().event_id), "reason": "The wrong dose was released."}
    row = report(order, "withdrawn", "release", 50, payload=said)
    assert record_event(row, by=Reporter.of_user(world.quality), now=at(50)).outcome == "created"
    assert states(order) == ["doubted"]
    page = browser_of(world.quality).get(reverse("signatures")).text
    assert "Said to be wrong: a second person must confirm; do not rely on it" in page


def test_a_release_of_a_material_that_is_quarantined_by_its_clock_counts_no_more(world):
    order = world.releasable()
    row = report(order, "material", hours=5, payload={"number": "B-1", "kind": "final_bag"})
    assert record_event(row, by=world.reporter, now=at(50)).outcome == "created"
    signs(world, order, "material_is", {"number": "B-1", "status": "released"}, 40)
    shipped = report(order, "material_is", hours=41, payload={"number": "B-1", "status": "shipped"})
    assert record_event(shipped, by=world.reporter, now=at(50)).outcome == "created"
    assert states(order) == ["holds"]
    leaks = {"number": "B-1", "status": "quarantine", "reason": "Leaks at the port."}
    row = report(order, "material_is", hours=42, payload=leaks) | {"source_event_id": "leaks"}
    assert record_event(row, by=world.reporter, now=at(50)).outcome == "created"
    assert states(order) == ["overtaken"]


def test_a_flag_that_is_decided_anew_leaves_the_newest_decision(world):
    order = world.releasable()
    flag = raise_flag(order, FlagCode.STAGE_FAILED, stage="harvest", severity=Severity.CRITICAL)
    client, address = browser_of(world.quality), reverse("settle_flag", args=[flag.pk])
    assert "Decided on a flag: it is settled: Stage failed · Harvest" in client.get(address, headers=HTMX).text
    said = {"reason": "Looked at the batch record: a typing error."}
    assert client.post(address, said | OWN, headers=HTMX).status_code == 204
    assert Signature.objects.get().meaning == "Decided on a flag: it is settled: Stage failed · Harvest"
    signs(world, order, "settled", {"flag": str(flag.pk), "reason": "Read again, and it is."})
    assert states(order) == ["overtaken", "holds"]


def test_the_second_persons_signature_goes_with_the_report_that_they_confirmed(world):
    Stage.objects.filter(flow=world.flow, code="collection").update(two_people=["completed"])
    flow_plan.cache_clear()
    order = world.order()
    first, second = (make_user(name, world.oslo, role=Role.SITE_COORDINATOR) for name in ("ana", "cora"))
    row = report(order, "completed", "collection", 49)
    taken = record_event(row, by=Reporter.of_user(first), now=at(50)).event_id
    confirm_report(order.pk, taken, by=second, now=at(50), proof=Proof(second.pk, ("own_password",)))
    meaning = "Checked it, too, as the second person: Collection completed"
    assert (Signature.objects.get().meaning, states(order)) == (meaning, ["holds"])
    PatientOrder.objects.filter(pk=order.pk).update(withdrawn_events=[str(taken)])
    assert states(order) == ["withdrawn"]
