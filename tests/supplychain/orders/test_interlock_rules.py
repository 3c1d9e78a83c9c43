"""Which critical flags keep people from which reports, and who may go on all the same."""

from uuid import UUID

import pytest

from supplychain.orders.rules import flag_ends
from supplychain.orders.rules.duties import NEW_ATTEMPT
from supplychain.orders.rules.interlocks import (
    Settlement,
    Stop,
    binding_stops,
    interlock_problem,
    is_dose_in_doubt,
)
from supplychain.orders.statuses import Doubt, OrderEventKind, StageEventKind
from supplychain.people.statuses import Role
from tests.dashboards.centre.builders import shipped_flow
from tests.supplychain.builders import T0, plain_plan

FLOW = plain_plan()
ORDER, FLAG = UUID(int=1), UUID(int=2)
NEVER = {
    "shipment_delayed", "shipment_rerouted", "shipment_packed", "shipment_unpacked",
    "note", "collection_checked", "held", "failed", "withdrawn", "cancelled", "settled", "change_asked", "taken_back",
    "answered", "mismatch", "witnessed",
    "resolved", "material", "lot_used", "handed_over", "excursion_decided", "label_used", "label_spoiled",
    "label_destroyed",
}  # fmt: skip
KINDS = {*StageEventKind.values, *OrderEventKind.values, NEW_ATTEMPT}


def stop(doubt: str, stage: str = "", **more) -> Stop:
    return Stop(ORDER, FLAG, "Stage failed", stage, "Sterility failed.", "", T0, doubt, **more)


def test_a_failure_puts_the_dose_in_doubt_if_it_is_a_tests_or_comes_with_or_after_the_release():
    assert {code for code in FLOW.stages if is_dose_in_doubt(FLOW, code)} == {"sterility", "release", "infusion"}


@pytest.mark.parametrize(
    ("doubt", "stage", "free"),
    [
        (Doubt.IDENTITY, "", NEVER),
        (Doubt.RECORD, "selection", {*NEVER, "label_printed"}),
        (Doubt.FAILURE, "sterility", {*NEVER, NEW_ATTEMPT, "label_printed"}),
        (Doubt.FAILURE, "selection", KINDS),
        (Doubt.REPORT, "selection", KINDS - {NEW_ATTEMPT}),
        (Doubt.CELLS, "selection", KINDS - {"closed"}),
        (Doubt.REJECTED, "inbound", KINDS - {"closed", "completed"}),
        (Doubt.LABELS, "", KINDS - {"closed"}),
        ("", "collection", KINDS),
    ],
)
def test_what_a_flag_keeps_back(doubt, stage, free):
    assert {kind for kind in KINDS if not binding_stops(FLOW, [stop(doubt, stage)], kind, None)} == free


@pytest.mark.parametrize(
    ("about", "kind", "stage", "is_kept"),
    [
        (stop(Doubt.CELLS, "selection"), "started", "harvest", False),
        (stop(Doubt.CELLS, "selection"), "completed", "release", True),
        (stop(Doubt.CELLS, "selection"), "started", "infusion", True),
        (stop(Doubt.REJECTED, "inbound"), "completed", "inbound", False),
        (stop(Doubt.REJECTED, "inbound"), "started", "selection", True),
        (stop(Doubt.REJECTED, "inbound"), "completed", "selection", True),
        (stop(Doubt.REJECTED, "inbound"), "failed", "selection", False),
        (stop(Doubt.REJECTED, "inbound"), "started", "sterility", False),
        (stop(Doubt.REJECTED, "inbound"), NEW_ATTEMPT, "selection", True),
        (stop(Doubt.REJECTED, "inbound"), NEW_ATTEMPT, "collection", False),
        (stop(Doubt.REJECTED, "release"), NEW_ATTEMPT, "selection", False),
        (stop(Doubt.IDENTITY), "completed", "sterility", False),
        (stop(Doubt.IDENTITY), "skipped", "sterility", True),
        (stop(Doubt.FAILURE, "release"), "started", "sterility", False),
        (stop(Doubt.FAILURE, "sterility"), "started", "sterility", True),
        (stop(Doubt.FAILURE, "sterility"), "completed", "sterility", True),
        (stop(Doubt.FAILURE, "sterility", is_tested_again=True), "completed", "sterility", False),
        (stop(Doubt.FAILURE, "sterility", is_tested_again=True), "started", "sterility", True),
        (stop(Doubt.FAILURE, "sterility", is_tested_again=True), "completed", "release", True),
    ],
)
def test_tests_go_on_and_cells_in_doubt_are_kept_from_the_patient(about, kind, stage, is_kept):
    assert bool(binding_stops(FLOW, [about], kind, FLOW.stages[stage])) == is_kept


@pytest.mark.parametrize("doubt", [Doubt.CELLS, Doubt.REJECTED])
@pytest.mark.parametrize(
    ("kind", "stage", "is_kept"),
    [
        ("started", "outbound", True),
        ("completed", "outbound", False),
        ("started", "site_receipt", False),
        ("completed", "site_receipt", False),
        ("started", "infusion", True),
    ],
)
def test_cells_in_doubt_that_have_left_may_arrive(doubt, kind, stage, is_kept):
    flow = shipped_flow("car_t_frozen")
    about = stop(doubt, "inbound")
    assert bool(binding_stops(flow, [about], kind, flow.stages[stage])) == is_kept


@pytest.mark.parametrize(
    ("open_at", "kind", "stage", "is_kept"),
    [
        ("harvest", "completed", "harvest", True),
        ("harvest", "skipped", "harvest", True),
        ("harvest", "failed", "harvest", False),
        ("harvest", "started", "harvest", False),
        ("harvest", "completed", "selection", False),
        ("harvest", "completed", "release", False),
        ("", "completed", "release", False),
    ],
)
def test_open_labels_keep_their_own_step_from_ending(open_at, kind, stage, is_kept):
    about = stop(Doubt.LABELS, open_at, is_critical=False)
    assert bool(binding_stops(FLOW, [about], kind, FLOW.stages[stage])) == is_kept
    assert bool(binding_stops(FLOW, [about], OrderEventKind.CLOSED, None)) == (open_at == "")


def test_labels_are_accounted_for_before_their_step_ends():
    binding, harvest = [stop(Doubt.LABELS, "harvest", is_critical=False)], FLOW.stages["harvest"]
    said = interlock_problem(harvest, binding, "completed", override="", roles={})
    assert "used, spoiled or destroyed first" in said
    assert "critical" not in said
    quality = {"plant": frozenset({Role.QA})}
    assert "give a reason" in interlock_problem(harvest, binding, "completed", override="", roles=quality)
    assert interlock_problem(harvest, binding, "completed", override="It fell into the drain.", roles=quality) == ""
    mixed = [*binding, stop(Doubt.IDENTITY)]
    assert interlock_problem(harvest, mixed, "completed", override="", roles={}).startswith("Stopped by a critical")


def test_a_settled_flag_keeps_nothing_back():
    settled = stop(Doubt.IDENTITY, settlement=Settlement("quynh", "labels compared", T0))
    assert binding_stops(FLOW, [settled], OrderEventKind.CLOSED, None) == []


@pytest.mark.parametrize(
    ("stage", "leaves_work", "kept"),
    [
        ("sterility", True, {"release", "infusion"}),
        ("release", True, {"infusion"}),
        ("sterility", False, set()),
    ],
)
def test_that_what_failed_may_begin_again_decides_nothing_of_the_dose(stage, leaves_work, kept):
    """Nor does it keep the order from being closed: of a dose that is out quality assurance decides everything."""
    said = Settlement("quynh", "repeat it", T0)
    settled = stop(Doubt.FAILURE, stage, settlement=said, leaves_work=leaves_work)
    found = {code for code, plan in FLOW.stages.items() if binding_stops(FLOW, [settled], "started", plan)}
    assert found == kept
    assert binding_stops(FLOW, [settled], NEW_ATTEMPT, FLOW.stages["selection"]) == []


@pytest.mark.parametrize(
    ("place", "role", "stage", "may"),
    [
        ("plant", Role.QA, "infusion", True),
        ("infusion_site", Role.QA, "infusion", True),
        ("infusion_site", Role.QA, "selection", False),
        ("plant", Role.OPERATIONS, "selection", False),
        ("plant", Role.ADMINISTRATOR, "selection", False),
    ],
)
def test_quality_assurance_of_the_plant_or_of_the_place_goes_on_with_a_reason(place, role, stage, may):
    roles, binding = {place: frozenset({role})}, [stop(Doubt.IDENTITY)]
    plan = FLOW.stages[stage]
    assert (interlock_problem(plan, binding, "started", override="checked", roles=roles) == "") is may
    assert interlock_problem(plan, binding, "started", override="", roles=roles) != ""


def test_no_reason_closes_an_order_before_the_flag_is_settled():
    roles = {"plant": frozenset({Role.QA})}
    why = interlock_problem(None, [stop(Doubt.FAILURE, "sterility")], "closed", override="checked", roles=roles)
    assert why == (
        "Stopped by a critical flag: Sterility failed. Quality assurance of the plant settles the flag first; "
        "then the order can be closed."
    )


@pytest.mark.parametrize(
    ("more", "ends", "closes"),
    [
        ({}, "settle the flag", "Quality assurance of the plant settles the flag"),
        ({"end": flag_ends.BY_TWO}, "resolve the mismatch with a second person", "Two people resolve the mismatch"),
        (
            {"end": flag_ends.EXCURSION},
            "decide on the excursion under “Condition”",
            "Quality assurance of the plant decides on the excursion under “Condition”",
        ),
        (
            {"end": flag_ends.NO_DOSE},
            "agree on a new attempt, cancel the order, or have a wrong report of the rejection withdrawn",
            "A new attempt begins, or a wrong report of the rejection is withdrawn",
        ),
    ],
)
def test_a_refusal_says_how_this_flag_is_decided(more, ends, closes):
    binding = [stop(Doubt.IDENTITY, **more)]
    said = interlock_problem(FLOW.stages["release"], binding, "started", override="", roles={})
    assert said.endswith(f" Only quality assurance may go on, with a reason, or {ends}: call them.")
    said = interlock_problem(None, binding, "closed", override="", roles={})
    assert said.endswith(f" {closes} first; then the order can be closed.")
