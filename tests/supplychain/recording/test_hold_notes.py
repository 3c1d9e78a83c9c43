"""Whoever puts something on hold reads what stops, what goes on, the clock of the cells, and who may lift it."""

from uuid import UUID

from supplychain.orders.rules.interlocks import Stop
from supplychain.orders.statuses import Doubt
from supplychain.recording.rules.hold_notes import despite_note, held_note, hold_notes, hold_notes_of_all, kept_words
from supplychain.recording.rules.next_steps import next_steps
from supplychain.recording.rules.requests import answer_notes
from supplychain.sentences import moment_mark
from tests.supplychain.builders import at
from tests.supplychain.recording.journeys import ARRIVED, COLLECTED, PLAN, RELEASED, after

LIFTED = (
    "It stands until it is resumed or cancelled; "
    "operations of the plant or quality assurance of the plant may resume it."
)


def test_a_hold_of_the_whole_order_says_what_stops_and_what_goes_on():
    stops, follows, *clocks, lifted = hold_notes(after(*COLLECTED, ("started", "inbound")), "", at(9))
    assert "; Selection must follow within 48 h, and does not begin while the order is on hold." in follows
    assert stops == (
        "Until the hold is lifted nothing of the order begins, is skipped or is released. "
        "What is at work goes on, and its end is to be reported: Inbound."
    )
    assert lifted == LIFTED
    assert all(" runs on during the hold." in clock for clock in clocks)


def test_a_hold_says_of_what_a_critical_flag_stops_that_it_must_not_be_carried_on():
    state = after(*ARRIVED, ("started", "selection"))
    stop = Stop(UUID(int=1), None, "Identity shared", "", "Whose cells?", "", at(6), Doubt.IDENTITY)
    told, *_ = hold_notes(state, "", at(9), [stop])
    assert "Selection must not be carried on: a critical flag stops it" in told
    assert "goes on" not in told


def test_a_hold_of_a_stage_does_not_say_that_what_a_flag_stops_goes_on():
    state = after(*ARRIVED, ("started", "selection"))
    stop = Stop(UUID(int=1), None, "Identity shared", "", "Whose cells?", "", at(6), Doubt.IDENTITY)
    told, *_ = hold_notes(state, "harvest", at(9), [stop])
    assert told.endswith("Selection must not be carried on: a critical flag stops it, with the hold or without.")
    assert kept_words(state, at(9), [stop]).startswith("Selection must not be carried on")
    assert kept_words(state, at(9), []) == ""


def test_who_agrees_to_a_hold_reads_what_a_critical_flag_stops():
    state = after(*ARRIVED, ("started", "selection"), ("change_asked", "", None, {"wish": "hold", "cause": "too_ill"}))
    stop = Stop(UUID(int=1), None, "Identity shared", "", "Whose cells?", "", at(6), Doubt.IDENTITY)
    assert "Selection must not be carried on" in answer_notes(state, at(9), [stop])[-1]
    assert "Selection must not be carried on" not in answer_notes(state, at(9))[-1]


def test_no_hold_stops_the_clock_of_the_cells():
    _, clock, _ = hold_notes(after(*COLLECTED), "", at(9))
    assert clock.startswith("The clock of the cells (Inbound): until ")
    assert clock.endswith(" left. It runs on during the hold.")


def test_a_hold_of_a_stage_leaves_the_rest_of_the_order_alone():
    waiting = hold_notes(after(*COLLECTED), "inbound", at(9))
    assert waiting[0] == (
        "Until the hold is lifted neither Inbound nor what waits for it begins. Everything else of the order goes on."
    )
    at_work = hold_notes(after(*ARRIVED, ("started", "selection")), "selection", at(9))
    assert at_work[0].startswith(
        "Until the hold is lifted Selection stops where it is, and what waits for it does not begin. "
    )
    assert at_work[-1].startswith("It stands until it is resumed or failed; operations of the plant or ")


def test_of_several_orders_what_holds_of_each_is_said_once():
    assert hold_notes_of_all(PLAN, "") == [
        "Until the hold is lifted nothing of the order begins, is skipped or is released. "
        "What is at work goes on, and its end is to be reported.",
        LIFTED,
    ]


def test_the_end_of_work_that_began_in_spite_of_a_hold_names_the_hold():
    despite = after(*ARRIVED, ("held", ""), ("started", "selection"))
    held = f"The whole order has been on hold since {moment_mark(at(5))}, and Selection was begun in spite of it"
    assert despite_note(despite, "selection") == (
        f"{held}: say what really happened. The hold ends only when it is resumed or cancelled."
    )
    assert despite_note(after(*ARRIVED, ("started", "selection"), ("held", "")), "selection") == ""
    assert despite_note(after(*RELEASED, ("held", ""), ("started", "infusion")), "infusion").endswith(
        "The hold ends once the dose was infused."
    )


def test_a_hold_says_what_must_follow_the_work_that_goes_on():
    state = after(*ARRIVED, ("started", "selection"), ("held", ""))
    follows = (
        f"Selection is to end {moment_mark(at(17))}, and may end sooner; Harvest must follow at once, and does not "
        "begin while the order is on hold."
    )
    assert hold_notes(state, "", at(9))[1] == follows
    assert held_note(state, "selection", at(9)) == (
        f"The whole order is on hold since {moment_mark(at(6))}: Harvest must follow at once. "
        "Have the hold lifted first, or now."
    )
    assert held_note(after(*ARRIVED, ("started", "selection")), "selection", at(9)) == ""
    (step, _) = next_steps(PLAN, state, at(9))
    assert (step.due, step.why) == (at(17), follows)


def test_who_agrees_to_a_hold_reads_what_must_follow_the_work_that_goes_on():
    state = after(*ARRIVED, ("started", "selection"), ("change_asked", "", None, {"wish": "hold", "cause": "too_ill"}))
    assert "Harvest must follow at once" in answer_notes(state, at(9))[-1]
