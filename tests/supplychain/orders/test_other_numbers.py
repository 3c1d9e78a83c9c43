"""Another sender's number of the same cells never replaces the one that is known: it contradicts it."""

from datetime import timedelta
from itertools import permutations
from uuid import UUID

import pytest

from batches.flags.rules.judging import judge
from batches.judgement.statuses import FlagCode, Harm
from supplychain.orders.actions.events import Reporter, record_event, record_events
from supplychain.orders.actions.rebuilding import rebuild_orders
from supplychain.orders.rules.fold import fold, fold_onto, initial_state
from supplychain.orders.rules.sorting import fact_key
from supplychain.orders.rules.states import Fact
from supplychain.orders.statuses import StageEventKind
from supplychain.people.statuses import Role
from tests.batches.builders import a_surprise, an_order, completed
from tests.batches.builders import at as moment_at
from tests.supplychain.builders import T0, World, at, make_user, plain_plan, report

FLOW = plain_plan()
KNOWN, FOREIGN = "Z990426820024", "Z990426111222"
ENTRY = next(code for code, plan in FLOW.stages.items() if not plan.after)


def said(number, reporter, donation, second=0, kind=StageEventKind.COMPLETED):
    moment = at(2) + timedelta(seconds=second)
    payload = {"donation_number": donation}
    recorded = at(3) + timedelta(hours=number)
    return Fact(UUID(int=number), kind, ENTRY, None, moment, recorded, "", payload, reporter, str(number))


def outcome(state):
    run = state.runs[1, ENTRY]
    return run.details["donation_number"], [(one["reason"], one["event"]) for one in state.surprises]


@pytest.mark.parametrize("second", [-44, 0, 40])
def test_a_second_senders_number_contradicts_and_replaces_nothing(second):
    number, surprises = outcome(fold(FLOW, T0, [said(1, "a", KNOWN), said(2, "b", FOREIGN, second)]))
    assert number == KNOWN
    assert surprises == [("contradicts", str(UUID(int=2)))]


@pytest.mark.parametrize("second", [-44, 40])
@pytest.mark.parametrize("reporter", ["a", "b"])
def test_what_is_told_of_a_number_is_of_the_report_that_says_it(second, reporter):
    other = said(2, reporter, FOREIGN, second, StageEventKind.STARTED)
    (surprise,) = (
        one
        for one in fold(FLOW, T0, [said(1, "a", KNOWN), other]).surprises
        if one["reason"] in ("contradicts", "renumbered")
    )
    told = {name: surprise[name] for name in ("event", "by", "kind", "at")}
    assert told == {"event": str(UUID(int=2)), "by": reporter, "kind": "started", "at": other.occurred_at.isoformat()}
    assert f"started with donation number {FOREIGN}" in surprise["text"]


def test_the_order_in_which_facts_are_read_changes_nothing():
    facts = [said(1, "a", KNOWN), said(2, "b", FOREIGN, -44), said(3, "b", FOREIGN, 40), said(4, "a", KNOWN, 20)]
    once = outcome(fold(FLOW, T0, facts))
    assert once[0] == KNOWN
    assert all(outcome(fold(FLOW, T0, some)) == once for some in permutations(facts))
    in_turn = initial_state(FLOW, T0)
    for fact in sorted(facts, key=lambda one: fact_key(FLOW, one)):
        fold_onto(in_turn, [fact])
    assert outcome(in_turn) == once


def test_its_own_sender_and_a_written_correction_replace_a_number():
    told_anew, note = said(2, "a", FOREIGN, 40), said(2, "b", FOREIGN, 40, StageEventKind.NOTE)
    assert outcome(fold(FLOW, T0, [said(1, "a", KNOWN), note])) == (FOREIGN, [])
    assert outcome(fold(FLOW, T0, [said(1, "a", KNOWN), told_anew])) == (FOREIGN, [("renumbered", str(UUID(int=2)))])


@pytest.mark.parametrize("second", [-44, 0, 40])
def test_of_one_sender_the_number_told_last_stands_whatever_moment_it_is_of(second):
    state = fold(FLOW, T0, [said(1, "a", KNOWN), said(2, "a", FOREIGN, second)])
    assert outcome(state) == (FOREIGN, [("renumbered", str(UUID(int=2)))])
    (surprise,) = state.surprises
    assert f"with donation number {FOREIGN}, while its sender had said {KNOWN} before" in surprise["text"]
    back = fold(FLOW, T0, [said(1, "a", KNOWN), said(2, "a", FOREIGN, second), said(3, "a", KNOWN, -50)])
    assert outcome(back)[0] == KNOWN


@pytest.mark.parametrize("seconds", list(permutations([-40, 0, 40])))
@pytest.mark.parametrize("by_note", [False, True], ids=["its own sender", "a note"])
def test_a_correction_stands_against_another_sender_who_was_heard_in_between(by_note, seconds):
    right, (first, between, last) = "Z990426000111", seconds
    correction = said(3, "c", right, last, StageEventKind.NOTE) if by_note else said(3, "a", right, last)
    facts = [said(1, "a", KNOWN, first), said(2, "b", FOREIGN, between), correction]
    found = [outcome(fold(FLOW, T0, some)) for some in permutations(facts)]
    assert {number for number, _ in found} == {right}
    told = {("contradicts", str(UUID(int=2)))} | (set() if by_note else {("renumbered", str(UUID(int=3)))})
    assert all(told <= set(surprises) for _, surprises in found)


def test_a_note_stands_against_the_report_that_it_corrects_whatever_moment_it_is_of():
    note = said(2, "b", FOREIGN, -44, StageEventKind.NOTE)
    assert outcome(fold(FLOW, T0, [said(1, "a", KNOWN), note])) == (FOREIGN, [])
    again = said(3, "a", KNOWN, 30)  # the same report told again is no news
    assert outcome(fold(FLOW, T0, [said(1, "a", KNOWN), note, again])) == (FOREIGN, [])
    told_anew = said(3, "a", "Z990426000111", 30)
    assert outcome(fold(FLOW, T0, [said(1, "a", KNOWN), note, told_anew]))[0] == "Z990426000111"


@pytest.mark.parametrize("second", [-44, 0, 40])
def test_a_note_of_another_system_is_no_correction_but_another_senders_word(second):
    note = said(2, "b", FOREIGN, second, StageEventKind.NOTE)._replace(is_of_system=True)
    number, surprises = outcome(fold(FLOW, T0, [said(1, "a", KNOWN), note]))
    assert (number, surprises) == (KNOWN, [("contradicts", str(UUID(int=2)))])
    own = said(2, "a", FOREIGN, second, StageEventKind.NOTE)._replace(is_of_system=True)
    assert outcome(fold(FLOW, T0, [said(1, "a", KNOWN), own])) == (FOREIGN, [("renumbered", str(UUID(int=2)))])


@pytest.mark.django_db
@pytest.mark.parametrize("is_rebuilt", [False, True])
def test_a_systems_note_replaces_no_number_of_a_person_and_a_persons_replaces_a_systems(is_rebuilt):
    world = World()
    order, reporter = world.order(), Reporter.of_user(make_user("kari", world.oslo, role=Role.SITE_COORDINATOR))
    told = report(order, "completed", "collection", 2, payload={"donation_number": KNOWN})
    note = report(order, "note", "collection", 3, payload={"donation_number": FOREIGN})
    record_event(told, by=reporter, now=at(2))
    (answer,) = record_events([note], by=world.reporter, now=at(3))
    assert "known first, stands" in answer.doubt
    corrected = report(order, "note", "collection", 4, payload={"donation_number": "Z990426000111"})
    if is_rebuilt:
        assert rebuild_orders([order], now=at(5)) == {}
    run = order.stage_runs.get(stage__code="collection")
    assert run.details["donation_number"] == KNOWN
    record_event(corrected, by=reporter, now=at(6))
    run.refresh_from_db()
    assert run.details["donation_number"] == "Z990426000111"


def test_two_numbers_are_a_critical_doubt_about_identity():
    facts = an_order(completed("selection"), surprises=[a_surprise("contradicts") | {"other_number": "True"}])
    found = next(one for one in judge(facts, moment_at(3)).findings if one.code == FlagCode.OUT_OF_SEQUENCE)
    assert (found.severity.value, found.harm) == ("critical", Harm.IDENTITY)
    assert "which number is right" in found.next_step
