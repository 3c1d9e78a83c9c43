"""A treatment centre asks the plant to hold, postpone or cancel; the plant answers, by every way in."""

import pytest

from supplychain.orders.actions.events import Reporter, record_event, record_events
from supplychain.orders.actions.store import load_facts
from supplychain.orders.models import PatientOrder
from supplychain.orders.rules.change_requests import new_promise_problem
from supplychain.orders.rules.fold import fold
from supplychain.orders.rules.states import ChangeRequest
from supplychain.orders.statuses import OrderStatus
from supplychain.people.statuses import Role
from supplychain.systems.models import SourceSystem
from tests.supplychain.builders import T0, World, at, make_user, report
from tests.supplychain.orders.test_change_requests import FLOW, ILL, asked


@pytest.fixture
def world(db) -> World:
    world = World()
    world.coordinator = Reporter.of_user(make_user("kari", world.oslo, role=Role.SITE_COORDINATOR))
    world.operator = Reporter.of_user(make_user("ola", world.plant))
    return world


@pytest.fixture
def order(world) -> PatientOrder:
    return world.order()


def tell(order, by, kind, hours, **payload):
    return record_event(report(order, kind, hours=hours, payload=payload), by=by, now=at(hours))


def stored(order: PatientOrder) -> ChangeRequest | None:
    order.refresh_from_db()
    found = ChangeRequest.from_row(order.change_request)
    assert found == fold(FLOW, order.ordered_at, load_facts([order.pk])[order.pk]).change
    return found


def test_what_was_asked_is_stored_once_and_answered_with_what_was_done(world, order):
    made = tell(order, world.coordinator, "change_asked", 5, **ILL)
    assert (made.outcome, stored(order).event) == ("created", str(made.event_id))
    answer = {"request": str(made.event_id), "answer": "agreed"}
    refused = tell(order, world.operator, "answered", 6, **answer)
    assert refused.reason == "payload.answer: do what was asked first: report the order held, then agree."
    rows = [report(order, "held", hours=7), report(order, "answered", hours=7, payload=answer)]
    assert [one.outcome for one in record_events(rows, by=world.operator, now=at(7))] == ["created", "created"]
    assert stored(order).outcome == "agreed"
    assert (order.status, order.held_at) == (OrderStatus.ON_HOLD, at(7))
    again = tell(order, world.operator, "answered", 8, **answer | {"answer": "declined", "reason": "No suite is free."})
    assert again.reason.startswith("payload.request: No such request stands")


@pytest.mark.parametrize(
    ("kind", "stage", "word"), [("cancelled", "", "cancelled"), ("completed", "infusion", "infused")]
)
def test_after_the_end_a_request_is_refused_whoever_sends_it(world, order, kind, stage, word):
    record_event(report(order, kind, stage, 5), by=world.reporter, now=at(5))
    for by in (world.coordinator, world.reporter):
        refused = tell(order, by, "change_asked", 6, **ILL)
        assert (refused.outcome, refused.reason) == (
            "rejected",
            f"This order is {word}: nothing can be held, postponed or cancelled any more. Call the plant.",
        )


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ({"wish": "stop", "cause": "too_ill"}, "payload.wish: use one of hold, postpone, cancel, resume."),
        ({"wish": "hold"}, "payload.cause: use one of"),
        ({"wish": "postpone", "cause": "date"}, "payload.wanted_at: say to when"),
        ({"wish": "hold", "cause": "other"}, "payload.reason: say which reason."),
        (ILL | {"reason": "x" * 1_001}, "payload.reason: must be a text of 1 to 1000 characters."),
        ({"wish": [], "cause": {}}, "payload.wish: use one of"),
        ({"wish": "resume", "cause": "well"}, "payload.wish: the order is not on hold."),
    ],
)
def test_a_request_that_says_too_little_is_refused(world, order, payload, reason):
    assert tell(order, world.coordinator, "change_asked", 5, **payload).reason.startswith(reason)


def test_the_plant_asks_itself_nothing_and_the_centre_answers_nothing(world, order):
    refused = tell(order, world.operator, "change_asked", 5, **ILL)
    assert "is reported by the coordinator of the ordering site" in refused.reason
    made = tell(order, world.coordinator, "change_asked", 5, **ILL)
    answer = {"request": str(made.event_id), "answer": "declined", "reason": "No suite is free."}
    assert tell(order, world.coordinator, "answered", 6, **answer).outcome == "rejected"
    assert stored(order).is_open


def test_a_hospitals_system_asks_and_takes_back(world, order):
    SourceSystem.objects.filter(pk=world.reporter.source.pk).update(scopes=["events:write", "orders:write"])
    hospital = Reporter.of_source(SourceSystem.objects.get(pk=world.reporter.source.pk))
    made = tell(order, hospital, "change_asked", 5, **ILL)
    assert made.reason == ""
    assert tell(order, hospital, "taken_back", 6, request=str(made.event_id), reason="Better.").reason == ""
    assert stored(order).outcome == "taken_back"
    no = record_event(
        report(order, "withdrawn", hours=7, payload={"event": str(made.event_id), "reason": "Wrong."}),
        by=hospital,
        now=at(7),
    )
    assert no.reason.startswith("payload.event: a request is not withdrawn; take it back")


def test_until_the_answer_people_begin_nothing_that_cannot_be_undone(world, order):
    made = tell(order, world.coordinator, "change_asked", 5, **ILL)
    refused = record_event(report(order, "started", "collection", 6), by=world.coordinator, now=at(6))
    assert refused.reason == (
        "stage: The centre asks to hold the order (patient too ill): operations of the plant answer first, or the "
        "centre takes it back."
    )
    assert record_event(report(order, "started", "collection", 6), by=world.reporter, now=at(6)).outcome == "created"
    stored(order)
    assert "unanswered" in {one["reason"] for one in order.surprises}
    tell(order, world.coordinator, "taken_back", 7, request=str(made.event_id), reason="Better.")
    assert record_event(report(order, "completed", "collection", 30), by=world.coordinator, now=at(31)).outcome == (
        "created"
    )


@pytest.mark.parametrize(("wanted", "is_taken"), [(at(700), False), (at(800), False), (at(800.02), True)])
def test_what_is_not_later_than_the_standing_promise_is_no_postponement(world, order, wanted, is_taken):
    tell(order, world.operator, "promised", 4, promised_at=at(800).isoformat())
    for by in (world.coordinator, world.reporter):
        asking = {"wish": "postpone", "cause": "date", "wanted_at": wanted.isoformat()}
        answer = tell(order, by, "change_asked", 5, **asking)
        assert answer.reason.startswith("payload.wanted_at: this is not later than the date") is not is_taken
        assert bool(stored(order)) is is_taken


def test_an_answer_that_promises_an_earlier_date_than_stands_postpones_nothing():
    state = fold(FLOW, T0, [asked(1, 5, wish="postpone", wanted_at=at(700).isoformat())])
    state.promised_at = at(800)
    earlier = new_promise_problem(state, at(750).isoformat())
    assert "no postponement: promise a later date, or decline" in earlier
    assert new_promise_problem(state, at(800).isoformat()) == ""
    assert new_promise_problem(state, at(690).isoformat()).startswith("The centre wants a later date")


@pytest.mark.parametrize("wanted", [at(5), at(4), at(-24 * 60)])
def test_nothing_is_postponed_to_what_is_past(world, order, wanted):
    for by in (world.coordinator, world.reporter):
        asking = {"wish": "postpone", "cause": "date", "wanted_at": wanted.isoformat()}
        refused = tell(order, by, "change_asked", 5, **asking)
        assert refused.reason == "payload.wanted_at: this moment is past: say to when it is to be postponed."


def test_what_would_never_stand_is_refused_and_keeps_nothing_from_being_asked(world, order):
    far = record_event(report(order, "change_asked", hours=500, payload=ILL), by=world.reporter, now=at(4))
    assert far.reason.startswith("occurred_at: this moment has not come yet")
    made = tell(order, world.coordinator, "change_asked", 5, **ILL)
    tell(order, world.operator, "answered", 6, request=str(made.event_id), answer="declined", reason="Too late.")
    behind = record_event(report(order, "change_asked", hours=4.5, payload=ILL), by=world.reporter, now=at(7))
    assert behind.reason.startswith("occurred_at: something was asked later than this")
    anew = tell(order, world.reporter, "change_asked", 7, **ILL)
    assert stored(order).event == str(anew.event_id)


def agree(order, made, *deeds, by):
    """The last result of a list of `deeds` and the answer that all was done."""
    answer = report(order, "answered", hours=8, payload={"request": str(made.event_id), "answer": "agreed"})
    return record_events([*deeds, answer], by=by, now=at(8))[-1]


def test_only_what_counts_is_done_by_agreeing(world, order):
    made = tell(order, world.coordinator, "change_asked", 5, **ILL)
    of_a_stage = report(order, "held", "sterility", hours=6)
    undone = [report(order, "held", hours=6.5), report(order, "resumed", hours=7)]
    for deeds in ([of_a_stage], undone):
        refused = agree(order, made, *deeds, by=world.operator)
        assert refused.reason == "payload.answer: do what was asked first: report the order held, then agree."
    made = tell(order, world.coordinator, "change_asked", 7.6, **ILL | {"wish": "cancel"})
    SourceSystem.objects.filter(pk=world.source.pk).update(scopes=["events:write", "events:promise"])
    may_not_cancel = Reporter.of_source(SourceSystem.objects.get(pk=world.source.pk))
    assert agree(order, made, report(order, "cancelled", hours=7.7), by=may_not_cancel).outcome == "rejected"
    assert (stored(order).is_open, order.cancelled_at) == (True, None)


def test_another_date_than_was_asked_for_is_no_agreement(world, order):
    asking = {"wish": "postpone", "cause": "date", "wanted_at": at(900.01).isoformat()}
    made = tell(order, world.coordinator, "change_asked", 5, **asking)
    for hours, outcome in ((800, "rejected"), (900, "created")):  # a form knows minutes only
        promise = report(order, "promised", hours=6 + hours / 1_000, payload={"promised_at": at(hours).isoformat()})
        assert agree(order, made, promise, by=world.operator).outcome == outcome


def test_a_list_says_one_thing_of_a_request(world, order):
    made = tell(order, world.coordinator, "change_asked", 5, **ILL)
    rows = [
        report(order, "answered", hours=hours, payload={"request": str(made.event_id)} | said)
        for hours, said in ((6, {"answer": "declined", "reason": "Too late."}), (6.5, {"answer": "agreed"}))
    ]
    assert [one.outcome for one in record_events(rows, by=world.operator, now=at(7))] == ["created", "rejected"]
    rows = [report(order, "cancelled", hours=8), report(order, "change_asked", hours=8.5, payload=ILL)]
    assert record_events(rows, by=world.reporter, now=at(9))[-1].reason.startswith("This order is cancelled")


@pytest.mark.parametrize("end", [None, "declined"])
def test_what_began_unanswered_stays_flagged_whatever_is_asked_later(world, order, end):
    made = tell(order, world.coordinator, "change_asked", 5, **ILL)
    record_event(report(order, "started", "collection", 6), by=world.reporter, now=at(6))
    if end:
        tell(order, world.operator, "answered", 7, request=str(made.event_id), answer=end, reason="Too late.")
    tell(order, world.coordinator, "change_asked", 8, **ILL | {"wish": "cancel"})
    assert stored(order).wish == "cancel"
    assert "unanswered" in {one["reason"] for one in order.surprises}
