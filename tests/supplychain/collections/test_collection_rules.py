"""The rules of a collection's record: what is read, what stands open, what a person explains. Pure."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplychain.flows.actions import SHIPPED_FLOWS
from supplychain.flows.rules.checklists import ChecklistProblem, all_items, read_checklist
from supplychain.flows.rules.checks import check_flow
from supplychain.orders.rules.collections import (
    answer_problem,
    answer_problems,
    answers_of,
    implausible,
    is_expired,
    open_points,
    to_explain,
    value_words,
)
from supplychain.orders.rules.fold import fold
from supplychain.orders.rules.requests import requirements
from supplychain.orders.rules.states import ANSWERS, Fact, RunState
from tests.supplychain.builders import plain_plan

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CHECKLIST = read_checklist(
    [
        {"code": "named", "text": "Patient named", "kind": "yes_no", "required": True, "expected": True},
        {"code": "blood_l", "text": "Blood processed", "kind": "number", "unit": "l", "at_least": 2, "at_most": 30},
        {"code": "viability_percent", "at_least": 70},
        {"code": "kit_lot", "required": True},
    ]
)


def a_plan(checklist=CHECKLIST, frozen_for=None):
    plan = plain_plan().stages["collection"]
    return type(plan)(
        **{name: getattr(plan, name) for name in plan.__slots__}
        | {"checklist": checklist, "frozen_for_hours": frozen_for}
    )


def run(**answers) -> RunState:
    return RunState(1, "collection", started_at=NOON, details={ANSWERS: answers})


def codes(**answers) -> list[str]:
    return [point.code for point in open_points(a_plan(), run(**answers))]


def test_what_is_required_stands_open_until_it_is_answered():
    assert codes() == ["named", "kit_lot"]
    assert codes(named=True, kit_lot="L1") == []
    assert open_points(a_plan(), None)[0].words == "Patient named: not answered"


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"named": False}, "Patient named: answered “No”"),
        ({"viability_percent": 61}, "Viability: 61 %, outside the limits (at least 70 %)"),
        ({"blood_l": 30.1}, "Blood processed: 30.1 l, outside the limits (2 to 30 l)"),
        ({"blood_l": "twelve"}, "Blood processed: “twelve” must be a number in l."),
        ({"kit_expires_on": "2026-02-28"}, "Kit expires on: 2026-02-28, before the collection"),
    ],
)
def test_what_is_not_as_the_product_wants_it_stands_open(answers, words):
    assert [one.words for one in open_points(a_plan(), run(**{"named": True, "kit_lot": "L"} | answers))] == [words]


@pytest.mark.parametrize(
    ("flow", "leave", "other"), [("car_t_fresh", "Fresh", "frozen"), ("car_t_frozen", "Cryopreserved", "fresh")]
)
def test_too_few_cells_and_cells_that_travel_otherwise_stand_open_in_the_shipped_flows(flow, leave, other):
    plan = check_flow((SHIPPED_FLOWS / f"{flow}.yaml").read_text(encoding="utf-8")).definition
    checklist = read_checklist(next(stage.checklist for stage in plan.stages if stage.checklist))
    found = {one.code: one.why for one in open_points(a_plan(checklist), run(cd3_cells_e9=0.6, preservation=other))}
    assert found["cd3_cells_e9"] == "0.6 ×10⁹, outside the limits (at least 1 ×10⁹)"
    assert found["preservation"].endswith(f", not “{leave}”")
    kept = run(cd3_cells_e9=1, preservation="frozen" if other == "fresh" else "fresh")
    assert not {"cd3_cells_e9", "preservation"} & {one.code for one in open_points(a_plan(checklist), kept)}


def test_a_new_order_is_told_the_limits_of_the_collection():
    flow = plain_plan()
    stages = {**flow.stages, "collection": a_plan()}
    assert requirements(replace(flow, stages=stages)).limits == (
        "Blood processed: 2 to 30 l", "Viability: at least 70 %",
    )  # fmt: skip


def test_the_limits_themselves_are_inside():
    assert codes(named=True, kit_lot="L", viability_percent=70, blood_l=2) == []
    assert codes(named=True, kit_lot="L", blood_l=30) == []


def test_a_kit_is_good_to_the_end_of_its_day_wherever_that_ends_last():
    assert not is_expired("2026-03-02", datetime(2026, 3, 3, 11, 59, tzinfo=UTC))
    assert is_expired("2026-03-02", datetime(2026, 3, 3, 12, 0, tzinfo=UTC))
    assert not is_expired("soon", NOON)


@pytest.mark.parametrize(
    ("code", "value", "is_read"),
    [
        ("viability_percent", 0, True), ("viability_percent", 100, True), ("viability_percent", 120, False),
        ("viability_percent", "95", False), ("viability_percent", True, False),
        ("volume_ml", -1, False), ("nucleated_cells_e9", 8_500_000_000, False), ("nucleated_cells_e9", 8.5, True),
        ("preservation", "frozen", True), ("preservation", "warm", False),
        ("kit_expires_on", "2026-02-30", False), ("kit_expires_on", "2026-02-28", True),
        ("kit_lot", "L" * 64, True), ("kit_lot", "L" * 65, False), ("kit_lot", " ", False),
        ("own", "x" * 500, True), ("own", "x" * 501, False), ("own", [1], False), ("o" * 41, True, False),
    ],
)  # fmt: skip
def test_an_answer_that_cannot_be_read_says_why(code, value, is_read):
    assert (answer_problem(code, value) == "") is is_read


@given(
    st.dictionaries(
        st.text(max_size=50), st.none() | st.booleans() | st.floats() | st.text(max_size=20) | st.integers(), max_size=5
    )
)
def test_whatever_is_answered_is_read_judged_and_worded_or_refused(answers):
    if list(answer_problems("collection_checked", {ANSWERS: answers})):
        return
    open_points(a_plan(), run(**answers)), implausible(answers), to_explain(run(), answers, NOON)
    assert all(isinstance(value_words(None, value), str) for value in answers.values())


def test_what_can_hardly_be_is_asked_about_with_its_unit():
    assert "20 to 1000 ml" in implausible({"volume_ml": 0.2})["volume_ml"]
    assert "0.95 % is unusual" in implausible({"viability_percent": 0.95})["viability_percent"]
    assert "More CD3+ cells" in implausible({"nucleated_cells_e9": 5, "cd3_cells_e9": 6})["cd3_cells_e9"]
    assert implausible({"volume_ml": 200, "nucleated_cells_e9": 8.5, "cd3_cells_e9": 3.1}) == {}


def test_a_person_explains_a_correction_an_expired_kit_and_what_can_hardly_be():
    kept = run(volume_ml=210, nucleated_cells_e9=5)
    assert to_explain(kept, {"volume_ml": 210}, NOON) == {}
    assert to_explain(kept, {"volume_ml": 220}, NOON) == {"volume_ml": "It was answered “210 ml” before."}
    assert "expired" in to_explain(kept, {"kit_expires_on": "2026-01-01"}, NOON)["kit_expires_on"]
    assert "More CD3+" in to_explain(kept, {"cd3_cells_e9": 6}, NOON)["cd3_cells_e9"]
    assert (
        "expired"
        in to_explain(RunState(1, "c"), {"kit_expires_on": "2026-01-01"}, NOON + timedelta(1))["kit_expires_on"]
    )


def test_a_withdrawn_answer_gives_way_to_the_one_before_it():
    said = [
        Fact(UUID(int=hours), "collection_checked", "collection", None, NOON + timedelta(hours=hours), NOON, "",
             {ANSWERS: {"volume_ml": ml}}, "one", str(hours))
        for hours, ml in ((1, 200), (2, 900))
    ]  # fmt: skip
    kept = fold(plain_plan(), NOON, said).run_of("collection")
    assert [one.value for one in answers_of(said, kept)["volume_ml"]] == [200, 900]
    kept = fold(plain_plan(), NOON, said[:1]).run_of("collection")  # the second one was withdrawn
    assert kept.details[ANSWERS] == {"volume_ml": 200}
    assert [one.value for one in answers_of(said, kept)["volume_ml"]] == [200]


def test_every_collection_is_asked_the_whole_record_once():
    asked = [item.code for item in all_items(CHECKLIST)]
    assert asked[:4] == ["named", "blood_l", "viability_percent", "kit_lot"]
    assert len(asked) == len(set(asked))
    assert {"kit_number", "preservation", "volume_ml"} <= set(asked)


@pytest.mark.parametrize(
    ("items", "problem"),
    [
        ("all", "must be a list"),
        ([{"code": "a b", "text": "A", "kind": "text"}], "code must be"),
        ([{"code": "a", "text": "A", "kind": "date"}], "kind must be one of yes_no, number, text"),
        ([{"code": "a", "kind": "text"}], "text must be one line"),
        ([{"code": "a", "text": "A", "kind": "text", "at_least": 1}], "at_least belongs to the kind number"),
        (
            [{"code": "a", "text": "A", "kind": "number", "expected": True}],
            "expected belongs to the kind yes_no or choice",
        ),
        ([{"code": "a", "text": "A", "kind": "number", "at_least": 3, "at_most": 2}], "no answer would do"),
        ([{"code": "a", "text": "A", "kind": "number", "at_least": "3"}], "at_least must be a number"),
        ([{"code": "preservation", "expected": "warm"}], "expected must be one of fresh, frozen"),
        ([{"code": "preservation", "expected": True}], "expected must be one of fresh, frozen"),
        ([{"code": "viability_percent", "unit": "ml"}], "CellOps knows this one"),
        ([{"code": "a", "text": "A", "kind": "text", "required": "soon"}], "required must be true or false"),
        ([{"code": "a", "text": "A", "kind": "text", "requird": True}], "“requird” is unknown"),
        ([{"code": "kit_lot"}, {"code": "kit_lot"}], "stands here twice"),
        (["kit_lot"], "must be a group of fields"),
    ],
)
def test_a_checklist_that_cannot_be_used_says_what_to_write(items, problem):
    with pytest.raises(ChecklistProblem, match=problem.replace("(", r"\(")):
        read_checklist(items)
