"""The rule table of what people may record: each role, stage and status; the sequence of steps; what happens next."""

from datetime import timedelta
from uuid import UUID

import pytest

from supplychain.orders.rules.duties import NEW_ATTEMPT, roles_at
from supplychain.orders.rules.fold import fold
from supplychain.orders.rules.states import Fact, OrderState
from supplychain.people.statuses import Role
from supplychain.recording.rules.next_steps import next_steps
from supplychain.recording.rules.permitted import permitted_reports
from supplychain.recording.rules.reports import (
    PersonReports,
    is_surprisingly_early,
    moment_problem_of,
    settled_moment,
)
from supplychain.sentences import moment_mark
from tests.supplychain.builders import T0, at
from tests.supplychain.recording.journeys import (
    ARRIVED,
    COLLECTED,
    HARVESTED,
    INFUSED,
    PLAN,
    RELEASED,
    after,
    confirmed_after,
)

SITES = {"ordering_site": 1, "collection_site": 1, "plant": 2, "infusion_site": 3}
COORDINATOR = roles_at(SITES, [(1, Role.SITE_COORDINATOR)])
INFUSION_COORDINATOR = roles_at(SITES, [(3, Role.SITE_COORDINATOR)])
OPERATIONS = roles_at(SITES, [(2, Role.OPERATIONS)])
QA = roles_at(SITES, [(2, Role.QA)])
ADMINISTRATOR = roles_at(SITES, [(1, Role.ADMINISTRATOR), (2, Role.ADMINISTRATOR)])
STRANGER = roles_at(SITES, [(9, Role.OPERATIONS)])
UNMADE = [*HARVESTED[:-1], ("started", "release")]
EVERYBODY = roles_at(
    SITES,
    [(1, Role.SITE_COORDINATOR), (2, Role.OPERATIONS), (2, Role.QA), (3, Role.SITE_COORDINATOR)],
)


def reports(state: OrderState, roles) -> PersonReports:
    return permitted_reports(PLAN, state, roles, at(500))


def offered(state: OrderState, roles) -> set[str]:
    return {f"{report.kind} {report.stage}".strip() for report in reports(state, roles).permitted}


def test_a_coordinator_begins_with_the_collection_and_may_cancel_while_nothing_has_begun():
    assert offered(after(), COORDINATOR) == {
        "started collection", "held collection", "skipped collection", "scheduled collection", "note collection",
        "cancelled", "change_asked",
    }  # fmt: skip


def test_a_coordinator_hands_over_what_was_collected_but_does_not_deliver_it():
    state = after(*COLLECTED)
    assert offered(state, COORDINATOR) == {
        "note collection", "shipment_packed inbound", "started inbound", "change_asked", "handed_over",
    }  # fmt: skip
    assert reports(state, COORDINATOR).why_not("cancelled") == (
        "Work has begun: ask the plant to cancel the order (“Ask the plant to hold, postpone or cancel”; "
        "over the interface kind change_asked)."
    )
    assert "completed inbound" in offered(after(*COLLECTED, ("started", "inbound")), OPERATIONS)
    assert "completed inbound" not in offered(after(*COLLECTED, ("started", "inbound")), COORDINATOR)


def test_operations_of_the_plant_report_its_stages_and_decide_about_the_order():
    assert offered(after(*ARRIVED), OPERATIONS) == {
        "shipment_packed inbound", "shipment_unpacked inbound",
        "note inbound", "started selection", "held selection", "scheduled selection", "note selection",
        "scheduled harvest", "scheduled sterility", "confirmed", "promised", "held", "cancelled", "handed_over",
    }  # fmt: skip


def test_quality_assurance_disposes_holds_and_lets_stages_be_left_out():
    assert offered(after(*HARVESTED), QA) == {
        "note inbound", "note selection", "note harvest", "started sterility", "held sterility", "skipped sterility",
        "scheduled sterility", "note sterility", "started release", "held release", "scheduled release", "note release",
        "held", "handed_over",
    }  # fmt: skip
    assert "completed release" in offered(after(*HARVESTED, ("started", "release")), QA)


@pytest.mark.parametrize("roles", [ADMINISTRATOR, STRANGER, roles_at(SITES, [])])
@pytest.mark.parametrize("said", [[], COLLECTED, ARRIVED, HARVESTED, INFUSED])
def test_without_a_role_in_the_work_nothing_may_be_recorded(said, roles):
    assert offered(after(*said), roles) == set()


def test_only_the_infusion_site_reports_the_infusion():
    state = after(*RELEASED)
    assert "started infusion" in offered(state, INFUSION_COORDINATOR)
    for roles in (COORDINATOR, OPERATIONS, QA):
        assert "started infusion" not in offered(state, roles)
    assert reports(state, OPERATIONS).why_not("started", "infusion") == (
        "Infusion is reported by the coordinator of the infusion site or operations of the infusion site."
    )


# What may be said of the collection in each of its statuses, by those who do it.
@pytest.mark.parametrize(
    ("said", "kinds"),
    [
        ([], {"started", "held", "skipped", "scheduled", "note"}),
        ([("started", "collection")], {"completed", "failed", "held", "scheduled", "note"}),
        ([("started", "collection"), ("held", "collection")], {"resumed", "failed", "note"}),
        ([("held", "collection")], {"resumed", "failed", "note"}),
        (COLLECTED, {"note"}),
        ([("started", "collection"), ("failed", "collection")], {"started", "note"}),
        ([("skipped", "collection")], {"note"}),
    ],
)
def test_what_may_follow_in_each_status(said, kinds):
    found = reports(after(*said), COORDINATOR).permitted
    assert {report.kind for report in found if report.stage == "collection"} == kinds


@pytest.mark.parametrize(
    ("said", "kind", "stage", "why"),
    [
        ([], "started", "inbound", "Inbound waits for Collection."),
        ([], "completed", "collection", "Collection has not started yet."),
        ([("started", "collection")], "started", "collection", "Collection is under way already."),
        ([("started", "collection")], "resumed", "collection", "Collection is not on hold."),
        (COLLECTED, "failed", "collection", "Collection is completed; write a correction if that is wrong."),
        (HARVESTED, "failed", "inbound", "Inbound was delivered; write a correction if that is wrong."),
        (HARVESTED, "skipped", "release", "No order goes on without Release."),
        (UNMADE, "completed", "release", "No dose is released before Harvest ended: report that first."),
        ([], "note", "harvest", "Harvest has not come up yet."),
        ([], NEW_ATTEMPT, "selection", "Nothing has failed in attempt 1: report the failure first."),
        ([], "closed", "", "An order is closed after the infusion; one that comes to nothing is cancelled."),
        ([("confirmed", "")], "confirmed", "", "The order is confirmed already."),
        ([], "resumed", "", "The order is not on hold."),
        ([("cancelled", "")], "started", "collection", "The order has ended: only a note can be added."),
        ([("cancelled", "")], "promised", "", "The order has ended."),
        (INFUSED, "held", "", "The dose was infused."),
        ([], "ordered", "", "This order's flow has no such report."),
        ([], "started", "freezing", "This order's flow has no such report."),
    ],
)
def test_a_refusal_says_why(said, kind, stage, why):
    assert reports(after(*said), EVERYBODY).find(kind, stage) is None
    assert reports(after(*said), EVERYBODY).why_not(kind, stage) == why


def test_while_the_order_is_on_hold_nothing_starts_but_cells_at_work_may_end():
    started = [*ARRIVED, ("started", "selection"), ("held", "")]
    assert {"completed selection", "failed selection", "resumed", "cancelled"} <= offered(after(*started), OPERATIONS)
    waiting = reports(after(*ARRIVED, ("held", "")), OPERATIONS)
    assert waiting.why_not("started", "selection") == "The whole order is on hold: resume it first."
    in_review = reports(after(*HARVESTED, ("started", "release"), ("held", "")), QA)
    assert in_review.why_not("completed", "release") == "The whole order is on hold: resume it first."


def test_after_the_infusion_a_test_that_still_runs_may_end_and_the_order_be_closed():
    state = after(*HARVESTED, ("started", "sterility"), *RELEASED[len(HARVESTED) :], *INFUSED[len(RELEASED) :])
    assert {"completed sterility", "failed sterility", "closed"} <= offered(state, OPERATIONS)
    assert "cancelled" not in offered(state, OPERATIONS)


def test_a_failed_making_goes_on_with_a_new_attempt_which_says_what_begins_again():
    state = after(*ARRIVED, ("started", "selection"), ("failed", "selection"))
    found = reports(state, OPERATIONS)
    assert found.why_not("started", "selection") == "Selection failed: making begins again with a new attempt."
    again = found.find(NEW_ATTEMPT, "selection")
    assert (again.attempt, again.event_kind, again.not_before, again.words) == (
        2, "scheduled", at(6), "New attempt from Selection",
    )  # fmt: skip
    assert again.reopens == ("Selection", "Harvest", "Sterility", "Release", "Infusion")
    assert found.find(NEW_ATTEMPT, "collection").reopens[:2] == ("Collection", "Inbound")
    for roles in (COORDINATOR, QA):
        assert reports(state, roles).find(NEW_ATTEMPT, "selection") is None


def test_a_report_names_the_attempt_to_which_its_stage_belongs():
    failed = [*ARRIVED, ("started", "selection"), ("failed", "selection"), ("scheduled", "selection", 2)]
    found = reports(after(*failed), EVERYBODY)
    assert (found.find("started", "selection").attempt, found.find("note", "inbound").attempt) == (2, 1)
    assert found.find("started", "selection", 1) is None
    assert found.why_not("started", "selection", 1) == "Selection started counts for attempt 2 now, not 1: look again."


@pytest.mark.parametrize(
    ("said", "kind", "stage", "fields"),
    [
        ([], "started", "collection", []),
        ([], "scheduled", "collection", ["planned_start_at!", "planned_end_at"]),
        ([("started", "collection")], "completed", "collection", ["donation_number!", "donation_reason"]),
        ([("started", "collection")], "failed", "collection", ["reason!"]),
        ([("started", "collection")], "held", "collection", ["reason!"]),
        (COLLECTED, "note", "collection", ["note!", "donation_number", "donation_reason"]),
        (COLLECTED, "started", "inbound", ["courier!", "tracking_number"]),
        (COLLECTED, "scheduled", "inbound", ["planned_pickup_at!", "planned_delivery_at", "courier!",
                                             "tracking_number"]),
        (ARRIVED, "started", "selection", ["batch_number!", "suite"]),
        ([*ARRIVED, ("started", "selection", None, {"batch_number": "B-1"}), ("completed", "selection")],
         "started", "harvest", []),
        ([*HARVESTED, ("started", "release")], "completed", "release", ["release_reference!"]),
        ([], "promised", "", ["promised_at!", "reason!"]),
        ([], "cancelled", "", ["reason!"]),
        ([], "held", "", ["reason!"]),
        ([("held", "")], "resumed", "", ["reason!"]),
        ([], "confirmed", "", []),
    ],
)  # fmt: skip
def test_what_is_asked_with_a_report(said, kind, stage, fields):
    report = reports(after(*said), EVERYBODY).find(kind, stage)
    assert [field.name + "!" * field.is_required for field in report.fields] == fields


def test_the_moment_keeps_to_what_is_known():
    report = reports(after(*COLLECTED, ("started", "inbound")), OPERATIONS).find("completed", "inbound")
    assert moment_problem_of(report, at(6), at(5)) == "This moment has not come yet: report what has happened."
    assert moment_problem_of(report, at(2.5), at(5)) == (
        "This is before what it follows: check the time, or correct the report before it first."
    )
    assert moment_problem_of(report, at(4), at(5)) == ""


def test_a_minute_that_was_typed_follows_a_report_of_the_same_minute():
    facts = [Fact(UUID(int=1), "started", "collection", None, at(1) + timedelta(seconds=40), at(1), "", {}, "r", "1")]
    report = reports(fold(PLAN, T0, facts), COORDINATOR).find("completed", "collection")
    assert settled_moment(report, at(1)) == at(1) + timedelta(seconds=40)
    assert settled_moment(report, at(2)) == at(2)


def test_a_start_before_the_stage_could_begin_is_asked_about():
    report = reports(after(*COLLECTED), COORDINATOR).find("started", "inbound")
    assert (is_surprisingly_early(report, at(1)), is_surprisingly_early(report, at(2))) == (True, False)


def test_what_most_likely_comes_next_is_offered_first():
    assert [report.words for report in reports(after(*ARRIVED), OPERATIONS).main] == ["Selection started"]
    running = after(*ARRIVED, ("started", "selection"))
    assert [report.words for report in reports(running, OPERATIONS).main] == ["Selection completed"]
    assert [report.words for report in reports(after(("held", "")), OPERATIONS).main] == ["Order resumed"]


def test_what_is_still_to_come_says_what_it_waits_for():
    ahead = reports(after(*ARRIVED), OPERATIONS).not_yet
    assert [(report.words, report.why) for report in ahead] == [
        ("Harvest started", "Harvest waits for Selection."),
        ("Sterility started", "Sterility waits for Harvest."),
    ]


def test_what_is_booked_for_a_day_to_come_cannot_start_yet():
    run = {"planned_start_at": at(20).isoformat()}
    booked = confirmed_after(*COLLECTED, ("scheduled", "inbound", None, run))
    [step] = next_steps(PLAN, booked, at(9))
    assert (step.words, step.since, step.due) == (f"Inbound is booked for {moment_mark(at(20))}", None, at(26))
    assert [step.words for step in next_steps(PLAN, booked, at(20))] == ["Inbound can start"]


def test_nothing_that_gives_the_dose_away_begins_before_the_moment_for_which_its_release_is_reported():
    state = after(*RELEASED)
    released_at = state.run_of("release").completed_at
    for now, kinds in ((released_at - timedelta(hours=1), []), (released_at, ["started infusion"])):
        found = permitted_reports(PLAN, state, EVERYBODY, now)
        said = [f"{one.kind} {one.stage}" for one in found.permitted if one.stage == "infusion"]
        assert [one for one in said if one.startswith(("started", "completed"))] == kinds
    why = permitted_reports(PLAN, state, EVERYBODY, released_at - timedelta(hours=1)).why_not("started", "infusion")
    assert why == (
        f"Infusion waits for Release, which is reported to end at {moment_mark(released_at)}, still to come: "
        "the dose is not released; if it is, withdraw that report on the order’s page, then say when."
    )
