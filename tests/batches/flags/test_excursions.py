"""Cells that were too warm put the dose in doubt until quality assurance decides, and the decision is kept."""

import pytest
from django.test import Client
from django.urls import reverse

from batches.flags.actions.people import FlagActionRefused, settle_flag
from batches.flags.models import Flag
from batches.judgement.statuses import FlagCode, Harm, Severity
from supplychain.conditions.actions.deciding import DecisionRefused, decide_excursion
from supplychain.conditions.models import Excursion
from supplychain.conditions.queries import excursions_of
from supplychain.flows.queries import flow_plan
from supplychain.orders.actions.events import record_event
from supplychain.orders.models import DueMark, PatientOrder, StatusEvent
from supplychain.orders.queries import open_stops
from supplychain.orders.rules.interlocks import binding_stops
from supplychain.people.statuses import Role
from supplychain.recording.actions import ReportRefused
from supplychain.recording.queries import next_steps
from tests.batches.flags.interlocked import say
from tests.batches.judging import evaluate, make_due
from tests.supplychain.api_clients import session_of
from tests.supplychain.builders import at, make_user, report
from tests.supplychain.conditions.warm import WarmWorld

CODE = FlagCode.EXCURSION


@pytest.fixture
def world(db) -> WarmWorld:
    world = WarmWorld()
    world.qa = make_user("quentin", world.plant, role=Role.QA)
    yield world
    flow_plan.cache_clear()


def standing(order: PatientOrder, hours: float) -> list[Flag]:
    make_due([order], hours)
    evaluate(hours)
    return list(Flag.objects.filter(order=order, code=CODE, cleared_at=None))


def warm(world: WarmWorld) -> PatientOrder:
    order = world.shipped()
    world.read(order, [5, 9, 9, 9, 9, 5], now=12)
    return order


def seen_of(excursion: Excursion) -> str:
    """What a form to decide on it shows now."""
    found = excursions_of([excursion.order_id])[excursion.order_id]
    return next(one.seen for one in found if one.id == excursion.pk)


def decide(world: WarmWorld, decision: str, hours: float, *, by=None, reason: str = "Stability data cover it") -> None:
    excursion = Excursion.objects.get()
    decide_excursion(
        excursion.pk, by=by or world.qa, decision=decision, reason=reason, seen=seen_of(excursion),
        token=f"{decision}-{hours}", now=at(hours),
    )  # fmt: skip


@pytest.mark.parametrize(("second", "worst"), [(40, "40 °C at worst"), (-60, "−60 °C at worst")])
def test_the_worst_is_that_of_all_stretches_and_each_limit_is_said_once(world, second, worst):
    order = world.shipped()
    warm, other = [20] * 5, [second] * 5
    world.read(order, [5, *warm, 5, *other, 5, *warm, 5], now=14)
    (flag,) = standing(order, 14)
    assert worst in flag.why
    assert flag.why.count("8.1 °C or warmer for 30 minutes") == 1


def test_cells_that_nobody_reported_picked_up_are_judged_all_the_same(world):
    order = world.order()
    world.tell(order, ("collection", "completed", 8), ("inbound", "completed", 20))
    world.read(order, [5] * 6 + [40] * 30)
    (flag,) = standing(order, 30)
    assert "40 °C at worst" in flag.why


def test_a_delivery_that_is_said_to_lie_before_the_pickup_takes_no_excursion_back(world):
    order = world.shipped()
    world.read(order, [5] * 6 + [40] * 30)
    assert standing(order, 29)
    world.tell(order, ("inbound", "completed", 9.9))
    (flag,) = standing(order, 31)
    assert "40 °C at worst" in flag.why


def test_an_end_that_is_told_again_earlier_takes_no_rejection_back(world):
    order = world.shipped()
    world.read(order, [5] * 6 + [40] * 30)
    world.tell(order, ("inbound", "completed", 20))
    decide(world, "reject", 30)
    world.tell(order, ("inbound", "completed", 10.5))
    assert Excursion.objects.get().withdrawn_at is None
    (flag,) = standing(order, 32)
    assert flag.evidence["decision"] == "reject"


def test_a_form_that_was_taken_decides_nothing_else(world):
    warm(world)
    excursion = Excursion.objects.get()
    said = {"by": world.qa, "reason": "Stability data cover it", "seen": seen_of(excursion), "token": "T"}
    assert decide_excursion(excursion.pk, decision="use_as_is", now=at(13), **said).outcome == "created"
    assert decide_excursion(excursion.pk, decision="use_as_is", now=at(14), **said).outcome == "duplicate"
    with pytest.raises(DecisionRefused, match="taken already as “Use as is”"):
        decide_excursion(excursion.pk, decision="reject", now=at(14), **said)


def test_a_warm_shipper_is_flagged_at_once_and_keeps_the_dose_from_being_released(world):
    order = warm(world)
    assert DueMark.objects.filter(order=order, is_news=True).exists()
    (flag,) = standing(order, 12)
    assert (flag.severity, flag.harm, flag.stage, flag.subject) == (Severity.CRITICAL, Harm.FAILED, "inbound", "LT-1")
    assert "8.1 °C or warmer for 30 minutes; 9 °C at worst" in flag.why
    assert flag.next_step.startswith("QA: decide")
    plan = flow_plan(order.flow_id)
    stops = open_stops([order.pk], now=at(12))[order.pk]
    bound = {code for code, stage in plan.stages.items() if binding_stops(plan, stops, "started", stage)}
    assert bound == {"release", "infusion"}


@pytest.mark.parametrize(
    "name", ["order_condition", "custody", "chain_reports", "decide_excursion", "order_collection", "custody?print=1"]
)
def test_who_reads_on_or_decides_sees_the_critical_flag(world, name):
    order = warm(world)
    (flag,) = standing(order, 12)
    about = [order.pk, *([Excursion.objects.get().pk] if name == "decide_excursion" else [])]
    about += ["collection"] if name == "order_collection" else []
    client = Client()
    client.force_login(world.qa)
    name, _, query = name.partition("?")
    page = client.get(f"{reverse(name, args=about)}?{query}").content.decode()
    assert f"<strong>Critical: {flag.title}.</strong> " in page


def test_used_as_is_clears_it_and_the_decision_is_a_sealed_event(world):
    order = warm(world)
    standing(order, 12)
    decide(world, "use_as_is", 13)
    assert standing(order, 13) == []
    event = StatusEvent.objects.get(kind="excursion_decided")
    assert (event.user, event.order, event.payload["decision"]) == (world.qa, order, "use_as_is")
    assert event.payload["reason"] == "Stability data cover it"
    assert "Logger LT-1: 8.1 °C or warmer for 30 minutes (9 °C)" in event.payload["words"]
    assert event.hash


def test_readings_that_come_after_the_decision_ask_for_it_anew(world):
    order = warm(world)
    decide(world, "use_as_is", 13)
    assert standing(order, 13) == []
    world.read(order, [9, 9, 9, 9, 9, 5], first=14, now=16)
    (flag,) = standing(order, 16)
    assert "have changed the excursion" in flag.next_step


def test_more_data_leaves_it_open(world):
    order = warm(world)
    decide(world, "more_data", 13, reason="Ask the maker of the logger")
    (flag,) = standing(order, 13)
    assert "More data were asked for" in flag.next_step
    assert "Ask the maker of the logger" in flag.next_step
    decide(world, "use_as_is", 14)
    assert standing(order, 14) == []


def test_a_rejection_binds_until_what_follows_is_reported(world):
    order = warm(world)
    decide(world, "reject", 13, reason="Too long too warm")
    (flag,) = standing(order, 13)
    assert flag.next_step.startswith(
        "Operations: agree with the treating physician, then begin a new attempt with a new collection "
        "(Collection), or cancel the order."
    )
    world.tell(order, ("inbound", "failed", 14))
    assert standing(order, 14) == []
    assert Flag.objects.filter(order=order, code=FlagCode.STAGE_FAILED, cleared_at=None).exists()


def test_after_a_rejection_what_comes_next_is_one_duty_of_who_reports_it(world):
    order = warm(world)
    world.tell(order, ("inbound", "completed", 12))
    decide(world, "reject", 13, reason="Too long too warm")
    standing(order, 13)
    stops = open_stops([order.pk], now=at(13))[order.pk]
    steps = next_steps(PatientOrder.objects.get(), at(13), stops=stops)
    (step,) = [one for one in steps if one.words.startswith("Operations: agree with")]
    assert step.whose == "operations of the plant"
    assert steps == [step]
    assert "quality assurance decides anew, Selection must not start." in step.why


def test_rejected_cells_begin_nothing_and_a_new_collection_needs_no_failure(world):
    """Nor a word that nothing failed: the rejection asked for it."""
    order, operator = warm(world), make_user("ola", world.plant)
    world.tell(order, ("inbound", "completed", 12))
    decide(world, "reject", 13, reason="Too long too warm")
    standing(order, 13)
    for by in (operator, world.qa):
        with pytest.raises(ReportRefused, match=r"critical flag|Why it may go on"):
            say(order, by, "started", "selection", 14, now=at(14), payload={"batch_number": "B-1"})
    with pytest.raises(ReportRefused, match="critical flag"):  # at Selection it would begin with the same cells
        say(order, operator, "new_attempt", "selection", 14, attempt=2, now=at(14))
    say(order, operator, "new_attempt", "collection", 15, attempt=2, now=at(15), reason="Cells rejected")
    assert standing(order, 15) == []
    assert not Flag.objects.filter(order=order, why__contains="nothing failed").exists()
    world.tell(order, ("collection", "started", 20))


def test_quality_assurance_may_use_rejected_cells_with_its_reason(world):
    asked = {"override": "The physician accepts the risk", "batch_number": "B-1"}
    order = warm(world)
    world.tell(order, ("inbound", "completed", 12))
    decide(world, "reject", 13, reason="Too long too warm")
    standing(order, 13)
    say(order, world.qa, "started", "selection", 14, now=at(14), payload=asked)


def test_only_quality_assurance_of_the_plant_decides(world):
    order = warm(world)
    for name, role, site in (("ola", Role.OPERATIONS, world.plant), ("quinn", Role.QA, world.bergen)):
        with pytest.raises(DecisionRefused):
            decide(world, "use_as_is", 13, by=make_user(name, site, role=role))
    said = {"excursion": str(Excursion.objects.get().pk), "decision": "use_as_is", "reason": "It is fine"}
    said["judged"] = Excursion.objects.get().digest
    result = record_event(report(order, "excursion_decided", "", 13, payload=said), by=world.reporter, now=at(13))
    assert result.outcome == "rejected"
    assert result.reason == "kind: quality assurance decides on an excursion, no system."


@pytest.mark.parametrize(("decision", "reason"), [("burn", "It is fine so"), ("reject", ""), ("use_as_is", "ok")])
def test_a_decision_without_a_word_or_a_reason_is_refused(world, decision, reason):
    warm(world)
    with pytest.raises(DecisionRefused):
        decide(world, decision, 13, reason=reason)
    assert not StatusEvent.objects.filter(kind="excursion_decided").exists()


def test_who_saw_another_excursion_decides_nothing(world):
    order = warm(world)
    seen = Excursion.objects.get()
    world.read(order, [9] * 6, first=11, now=13)
    with pytest.raises(DecisionRefused, match="look at it again"):
        decide_excursion(
            seen.pk, by=world.qa, decision="use_as_is", reason="It is fine", seen=seen.digest, token="t", now=at(13)
        )


def test_its_flag_is_not_settled_beside_the_decision(world):
    (flag,) = standing(warm(world), 12)
    with pytest.raises(FlagActionRefused, match="Condition"):
        settle_flag(flag.pk, by=world.qa, reason="It is fine", now=at(13))


def test_a_decision_by_rest_that_does_not_say_what_was_seen_is_refused_with_what_to_do(world):
    order, client = warm(world), session_of(world.qa)
    (shipment,) = client.get(f"/api/v1/orders/{order.pk}/condition/").json()["shipments"]
    (excursion,) = shipment["excursions"]
    said = {"excursion": excursion["id"], "decision": "use_as_is", "reason": "Stability data cover it"}
    row = report(order, "excursion_decided", "", 13, payload=said)
    (refused,) = client.send("/api/v1/events/", [row]).json()["results"]
    assert refused["outcome"] == "rejected"
    assert "payload.judged" in str(refused)
    assert "GET orders/<id>/condition/" in str(refused)
    row = report(order, "excursion_decided", "", 13, payload=said | {"judged": excursion["judged"]})
    (taken,) = client.send("/api/v1/events/", [row]).json()["results"]
    assert taken["outcome"] == "created"
    assert excursions_of([order.pk])[order.pk][0].is_decided
