"""What happens next with an order, whose turn it is, and by when."""

from dataclasses import replace
from datetime import UTC, timedelta
from uuid import UUID

from msgspec.structs import replace as replace_struct

from supplychain.moments import written
from supplychain.orders.rules.agreed_ends import AGREED_END, AGREED_TIMES
from supplychain.orders.rules.bookings import booked_end, new_end
from supplychain.orders.rules.cells_clock import cells_clocks
from supplychain.orders.rules.duties import acting_role
from supplychain.orders.rules.interlocks import Settlement, Stop
from supplychain.orders.rules.states import RunState
from supplychain.orders.statuses import Doubt
from supplychain.recording.rules.next_steps import next_steps
from supplychain.sentences import moment_mark, said_in
from supplychain.words import listed_words
from tests.supplychain.builders import at
from tests.supplychain.recording.journeys import ARRIVED, COLLECTED, HARVESTED, INFUSED, PLAN, RELEASED
from tests.supplychain.recording.journeys import confirmed_after as after


def test_next_steps_say_whose_turn_it_is_since_when_and_until_when():
    said = [(step.words, step.whose, step.since, step.due) for step in next_steps(PLAN, after(*COLLECTED), at(9))]
    whose = "the plant, and the collection site hands the cells over"
    assert said == [("Inbound can start", whose, at(2), at(26))]
    both = next_steps(PLAN, after(*HARVESTED), at(9))
    assert [(step.stage, step.whose) for step in both] == [
        ("release", "quality assurance"), ("sterility", "quality assurance"),
    ]  # fmt: skip


def test_next_steps_begin_with_a_hold_and_end_with_the_closing():
    on_hold = next_steps(PLAN, after(("held", "")), at(9))
    assert [(step.words, step.whose, step.due) for step in on_hold] == [
        ("The whole order is on hold: decide whether it is resumed or cancelled",
         "operations of the plant or quality assurance of the plant", at(1 + 72)),
    ]  # fmt: skip
    assert on_hold[0].due_words == "a hold is to be decided within 3 days"
    (of_cells,) = next_steps(PLAN, after(*COLLECTED, ("held", "")), at(9))
    assert (of_cells.stage, of_cells.due) == ("", at(26))
    done = after(*HARVESTED, ("skipped", "sterility"), *RELEASED[len(HARVESTED) :], *INFUSED[len(RELEASED) :])
    assert [step.words for step in next_steps(PLAN, done, at(99))] == ["The dose was infused: the order can be closed"]
    assert next_steps(PLAN, after(("cancelled", "")), at(9)) == []


def stop(**given) -> Stop:
    return Stop(UUID(int=1), UUID(int=2), "Identity shared", "", "Same label.", "Stop both.", at(3), Doubt.IDENTITY,
                **given)  # fmt: skip


def test_what_a_critical_flag_asks_for_is_all_that_comes_next():
    (step,) = next_steps(PLAN, after(*COLLECTED), at(9), [stop()])
    assert (step.words, step.whose) == ("Stop both.", "quality assurance of the plant")
    assert step.why == "Same label. Until it is settled, Inbound must not start."
    assert (step.since, step.due, step.is_stored) == (at(3), at(26), False)
    (step,) = next_steps(PLAN, after(*COLLECTED, ("started", "inbound")), at(9), [stop(), stop()])
    assert step.why == (
        "Same label. 1 more critical flag keeps people from reporting. "
        "Until it is settled, Inbound must not be carried on."
    )
    settled = stop(settlement=Settlement("Q", "Labels compared.", at(4)))
    assert [step.words for step in next_steps(PLAN, after(*COLLECTED), at(9), [settled])] == ["Inbound can start"]


def failed_test(next_step: str = "QA: call the treating physician now.") -> Stop:
    return Stop(UUID(int=1), UUID(int=2), "Stage failed", "sterility", "Sterility failed.", next_step, at(3), "failure")


def test_a_release_that_a_flag_asks_for_is_not_kept_back_in_the_same_breath():
    """The release was withdrawn while the dose is on its way: it is to be reported, and the dose goes no further."""
    missing = stop(), replace(stop(), doubt=Doubt.RECORD, next_step="QA: have the dose put aside until released.")
    tested = *HARVESTED, ("started", "sterility"), ("started", "release")
    state = after(*tested, ("started", "infusion"))
    (of_label,), (of_record,) = (next_steps(PLAN, state, at(99), [one]) for one in missing)
    assert "Release" in of_label.why
    assert of_record.why == "Same label. Until it is settled, Infusion must not be carried on."
    assert "Release must not be carried on" in next_steps(PLAN, after(*tested), at(99), [missing[1]])[0].why


def test_a_failed_test_of_a_dose_at_the_bedside_leaves_nothing_that_can_start():
    state = after(*HARVESTED, ("started", "sterility"), *RELEASED[len(HARVESTED) :], ("failed", "sterility"))
    (step,) = next_steps(PLAN, state, at(99), [failed_test()])
    assert step.words == "QA: call the treating physician now."
    assert "can start" not in step.why
    (unraised,) = next_steps(PLAN, state, at(99), [failed_test("")])
    assert unraised.words == "Settle the critical flag first: Stage failed"


def test_failed_work_asks_for_what_its_flag_asks_for():
    state = after(*ARRIVED, ("started", "selection"), ("failed", "selection"))
    stop = replace(failed_test("Operations: agree on a new attempt."), stage="selection", since=at(5))
    (step,) = next_steps(PLAN, state, at(99), [stop])
    assert (step.words, step.since, step.whose) == ("Operations: agree on a new attempt.", stop.since, "the plant")
    settled = replace(stop, settlement=Settlement("Q", "Seen.", at(6)))
    words = "Selection failed; quality assurance decided: “Seen.”. Begin a new attempt, or cancel the order"
    (left,) = next_steps(PLAN, state, at(99), [settled])
    assert (left.words, left.whose) == (words, "operations of the plant")


def test_what_the_flag_asks_for_comes_next_even_when_the_dose_was_given():
    state = after(*HARVESTED, ("failed", "sterility"), *RELEASED[len(HARVESTED) :], *INFUSED[len(RELEASED) :])
    (step,) = next_steps(PLAN, state, at(99), [failed_test()])
    assert step.words == "QA: call the treating physician now."
    assert step.why == "Sterility failed. Until it is settled, the order cannot be closed."


def test_a_missed_booking_is_what_comes_next_however_long_the_stage_could_have_begun():
    booked = ("scheduled", "collection", None, {"planned_start_at": at(30).isoformat()})
    (*_, ahead), (*_, missed) = (next_steps(PLAN, after(booked), at(now)) for now in (29, 45))
    assert said_in(ahead.words, UTC, at(29)).startswith("Collection is booked for 3 Mar 2026 14:00")
    assert said_in(missed.words, UTC, at(45)).startswith("Collection was booked for 3 Mar 2026 14:00")
    assert missed.words.endswith("and nobody has said that it began: report the start, or its new time")
    assert (missed.due, missed.due_words) == (at(30), "its booked start")
    # Where cells wait, their limit is the date to act by, whatever was booked.
    pickup = ("scheduled", "inbound", None, {"planned_pickup_at": at(5).isoformat()})
    (fetched,) = next_steps(PLAN, after(*COLLECTED, pickup), at(9))
    assert "was booked for" in fetched.words
    assert (fetched.due, fetched.due_words) == (at(26), "the end of the cells’ permitted wait")
    (outlived,) = next_steps(PLAN, after(*COLLECTED, pickup), at(27))
    assert "decide whether the cells may still be used" in outlived.words


def test_the_worst_case_of_long_work_is_no_end_of_a_storage():
    long = replace(PLAN.stages["selection"], planned_hours=400, worst_hours=500)
    plan = replace(PLAN, stages=PLAN.stages | {"selection": long})
    arrived = (*COLLECTED, ("started", "inbound"), ("completed", "inbound"), ("started", "selection"))
    (step,) = next_steps(plan, after(*arrived, plan=plan), at(9))
    assert (step.due_words, step.is_stored) == ("at the latest by the usual durations", False)


def test_neither_a_booking_nor_a_shippers_cold_is_an_end_of_storage_however_far_ahead():
    booked = ("scheduled", "collection", None, {"planned_start_at": at(900).isoformat()})
    (*_, ahead) = next_steps(PLAN, after(booked), at(9))
    assert (ahead.due, ahead.is_stored) == (at(900), False)
    cold = ("started", "inbound", None, {"qualified_until": at(900).isoformat()})
    (stopped,) = next_steps(PLAN, after(*COLLECTED, cold), at(9), [stop()])
    assert (stopped.due, stopped.is_stored) == (at(900), False)


def test_of_rejected_cells_no_time_is_left_to_use_them_in():
    rejected = replace(stop(), doubt=Doubt.REJECTED, stage="collection")
    stopped = next_steps(PLAN, after(*COLLECTED), at(9), [rejected])[0]
    assert (stopped.words, stopped.due, stopped.is_stored) == ("Stop both.", None, False)


def test_whatever_comes_next_of_a_shipment_the_end_of_its_cold_is_named():
    moving = (*COLLECTED, ("started", "inbound", None, {"qualified_until": at(50).isoformat(),
                                                       "planned_delivery_at": at(20).isoformat()}))  # fmt: skip
    (step,) = next_steps(PLAN, after(*moving), at(9))
    assert step.due < at(50)
    assert step.due_words.endswith(f"; the shipper’s cold ends {moment_mark(at(50))}")
    (stopped,) = next_steps(PLAN, after(*moving), at(9), [stop()])
    assert stopped.due == at(50)


def test_who_decides_on_a_failure_or_a_hold_is_who_the_flag_names():
    plan = {code: PLAN.stages[code] for code in ("release", "sterility", "selection", "collection")}
    assert [str(acting_role(one)) for one in plan.values()] == ["qa", "qa", "operations", "site_coordinator"]
    held = after(*COLLECTED, ("started", "inbound"), ("held", "inbound"))
    (step,) = next_steps(PLAN, held, at(9))
    assert (step.words, step.whose) == (
        "Inbound is on hold: decide whether it is resumed or failed", "quality assurance",
    )  # fmt: skip


def test_the_first_limit_of_what_is_under_way_is_said_and_named():
    usual = next_steps(PLAN, after(*COLLECTED, ("started", "inbound")), at(9))[0]
    assert usual.due_words == "at the latest by the usual durations"
    said = {"planned_delivery_at": at(8).isoformat()}
    (planned,) = next_steps(PLAN, after(*COLLECTED, ("started", "inbound", None, said)), at(9))
    assert (planned.due, planned.due_words) == (at(8), "its booked end")


def test_a_start_reported_for_later_is_still_to_come_and_the_cells_clock_runs_on():
    state = after(*COLLECTED, ("started", "inbound"))
    (step,) = next_steps(PLAN, state, at(2.5))
    assert step.words == "Inbound is reported to start at 2026-03-02T11:00Z: still to come"
    assert (step.since, step.due) == (None, at(26))
    assert [step.words for step in next_steps(PLAN, state, at(3))] == ["Inbound is under way"]
    state.run_of("inbound").details = {"qualified_until": at(20).isoformat()}
    (step,) = next_steps(PLAN, state, at(2.5))
    assert (step.due, step.due_words) == (at(20), "until then the shipper stays cold")


def test_what_waits_for_an_end_that_is_reported_for_later_cannot_start_before():
    state = after(*COLLECTED)
    ends_at = state.run_of("inbound").ready_at
    (step,) = next_steps(PLAN, state, ends_at - timedelta(hours=1))
    assert step.words == (
        f"Inbound can start at {moment_mark(ends_at)}, not before: what it waits for is reported to end then, which is "
        "still to come. Check the report"
    )
    assert step.since is None
    assert [one.words for one in next_steps(PLAN, state, ends_at)] == ["Inbound can start"]


def test_cells_that_have_waited_too_long_are_decided_on_before_anything_starts():
    (step,) = next_steps(PLAN, after(*COLLECTED), at(2 + 24))
    assert step.words.endswith(" can start")
    limit = step.due
    (over,) = next_steps(PLAN, after(*COLLECTED), limit + timedelta(minutes=1))
    assert over.words == (
        f"{over.stage_name} has not begun in time: "
        "decide whether the cells may still be used, or report the start if it has"
    )
    assert (over.due, over.whose) == (limit, "quality assurance")


def test_what_the_cells_have_left_is_no_next_step():
    state = after(*COLLECTED, ("started", "inbound"), ("started", "selection"))
    assert [step.words for step in next_steps(PLAN, state, at(9))] == ["Selection is under way"]
    assert state.current_stage == "selection"
    arrived = after(*COLLECTED, ("started", "inbound"), ("completed", "selection"))
    assert arrived.current_stage == "harvest"


def test_what_must_wait_is_listed_with_commas_and_tests_under_way_go_on():
    (step,) = next_steps(PLAN, after(*HARVESTED, ("started", "sterility")), at(9), [stop()])
    assert step.why == "Same label. Until it is settled, Release must not start."
    (alone,) = next_steps(PLAN, after(*RELEASED, ("started", "sterility"), ("started", "infusion")), at(9), [stop()])
    assert alone.why == "Same label. Until it is settled, Infusion must not be carried on."
    assert listed_words(["A", "B", "C"]) == "A, B and C"
    assert (listed_words(["A", "B"]), listed_words(["A"]), listed_words([])) == ("A and B", "A", "")


def test_what_the_cells_have_passed_is_no_next_step():
    state = after(*COLLECTED, ("started", "selection"))
    assert [step.words for step in next_steps(PLAN, state, at(9))] == ["Selection is under way"]
    assert state.current_stage == "selection"
    arrived = after(*COLLECTED, ("completed", "selection"))
    assert arrived.current_stage == "harvest"


def test_the_end_of_an_appointment_is_that_of_work_that_began_with_it():
    plan = PLAN.stages["collection"]
    booked = {"planned_start_at": at(200), "planned_end_at": at(200 + plan.planned_hours)}
    for started, end in ((0, None), (200 - plan.planned_hours / 8, booked["planned_end_at"])):
        run = RunState(1, "collection", "running", started_at=at(started), **booked)
        assert booked_end(plan, run) == end
    moved = new_end(plan, replace_struct(run, started_at=at(0)), {"planned_end_at": at(20).isoformat()})
    assert moved == {AGREED_END: written(at(20)), AGREED_TIMES: 1}


def test_whoever_is_to_act_has_it_since_the_flag_asked_them_not_since_what_it_tells_of():
    older = stop(since=at(1))
    step = next_steps(PLAN, after(*COLLECTED), at(9), [older])[0]
    assert (step.since, step.is_asked) == (older.raised_at, True)


def test_quality_assurance_has_cells_that_waited_too_long_since_their_limit():
    (step,) = next_steps(PLAN, after(*COLLECTED), at(60))
    assert (step.whose, step.since) == ("quality assurance", step.due)


def test_a_test_that_is_to_be_repeated_says_when_its_result_comes_and_leaves_the_dose_to_the_forecast():
    failed = after(*HARVESTED, ("started", "sterility"), ("failed", "sterility"))
    decided = replace(failed_test("QA: decide."), settlement=Settlement("Q", "Repeat it.", at(80)))
    step = next(one for one in next_steps(PLAN, failed, at(99), [decided]) if one.stage == "sterility")
    assert step.why.startswith("Begun now, the result of Sterility comes about ")
    assert step.why.endswith("is what the forecast of this order says, which goes by this.")


def test_what_must_begin_at_once_has_not_run_out_within_the_grace_for_late_reports():
    state = after(*ARRIVED, ("started", "selection"), ("completed", "selection"))
    runs = {"harvest": state.run_of("harvest")}
    (soon,), (late,) = (next_steps(PLAN, state, at(now)) for now in (6.5, 7.5))
    assert (soon.words, soon.whose) == (
        "Harvest must begin at once, or its start be reported if it has begun", "the plant",
    )  # fmt: skip
    assert "decide whether the cells may still be used" in late.words
    (told,), (over,) = (cells_clocks(PLAN, runs, at(now)) for now in (6.5, 7.5))
    assert told.endswith("30 min ago: Harvest must begin at once, or is to be reported begun.")
    assert "quality assurance has to decide" in over


def test_what_a_doubt_about_used_cells_keeps_back_is_what_comes_next_for_the_dose():
    used = replace(stop(), doubt=Doubt.CELLS, stage="selection")
    for said, kept in ((HARVESTED, "the dose must not be released"), (RELEASED, "Infusion must not start")):
        whys = [step.why for step in next_steps(PLAN, after(*said), at(99), [used]) if "closed" in step.why]
        assert whys == [f"Same label. Until it is settled, {kept}, and the order cannot be closed."]
