"""What a flow file may say, and exactly what it is told when it says something else."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from supplychain.flows.actions import SHIPPED_FLOWS
from supplychain.flows.rules.checks import FlowDefinition, check_flow
from supplychain.flows.rules.graphs import board_order

MONTHS = 30 * 24
# The journey of docs/flows.md: code, kind, waits for, planned, worst, longest wait before it (hours), pool.
JOURNEY = [
    ("enrolment", "administrative", (), 24, 120, None, ""),
    ("collection", "collection", ("enrolment",), 6, 12, None, "apheresis_chair"),
    ("inbound", "transport", ("collection",), 24, 60, 24, "courier"),
    ("receipt", "manufacturing", ("inbound",), 4, 12, 12, "receiving_bench"),
    ("selection", "manufacturing", ("receipt",), 12, 24, 48, "suite"),
    ("transduction", "manufacturing", ("selection",), 24, 48, 4, "suite"),
    ("expansion", "manufacturing", ("transduction",), 168, 264, 0, "suite"),
    ("harvest", "manufacturing", ("expansion",), 12, 24, 0, "suite"),
    ("qc_release_tests", "quality_control", ("harvest",), 168, 240, None, "qc_lane"),
    ("sterility_final", "quality_control", ("harvest",), 336, 360, None, "qc_lane"),
    ("disposition", "release", ("qc_release_tests",), 24, 96, None, "qa_reviewer"),
    ("outbound", "transport", ("disposition",), 24, 96, None, "courier"),
    ("site_receipt", "custody", ("outbound",), 2, 6, None, ""),
    ("infusion", "infusion", ("site_receipt",), 2, 4, 12 * MONTHS, "infusion_bed"),
]
SMALL = """\
code: small
name: A small flow
products:
  - {code: demo-a, name: Demo A, default: true}
restart_stage: making
stages:
  - {code: enrolment, name: Enrolment, kind: administrative, place: ordering_site, planned: 1, worst: 2}
  - {code: making, name: Making, kind: manufacturing, place: plant, after: [enrolment], planned: 4, worst: 8, pool: bay}
  - {code: culture, name: Culture, kind: manufacturing, place: plant, after: [making], planned: 4, worst: 8, pool: bay}
  - {code: infusion, name: Infusion, kind: infusion, place: infusion_site, after: [culture], planned: 1, worst: 1}
"""


def shipped(code: str) -> FlowDefinition:
    checked = check_flow((SHIPPED_FLOWS / f"{code}.yaml").read_text(encoding="utf-8"))
    assert checked.problems == ()
    assert checked.definition is not None
    return checked.definition


def rows(flow: FlowDefinition) -> list[tuple]:
    return [
        (s.code, s.kind, s.after, s.planned_hours, s.worst_hours, s.longest_wait_hours, s.pool) for s in flow.stages
    ]


def problems(old: str = "", new: str = "", text: str = SMALL) -> list[str]:
    """What is said about the small flow after `old` has been replaced by `new`."""
    assert old in text
    return [str(problem) for problem in check_flow(text.replace(old, new, 1) if old else text).problems]


def test_the_fresh_flow_is_the_published_journey():
    assert rows(shipped("car_t_fresh")) == JOURNEY


def test_the_frozen_flow_differs_only_in_how_long_the_cells_may_wait():
    frozen = {"inbound": 30 * MONTHS, "selection": 30 * MONTHS}
    assert rows(shipped("car_t_frozen")) == [(*row[:5], frozen.get(row[0], row[5]), row[6]) for row in JOURNEY]


def test_shipped_flows_know_what_keeps_its_suite_and_what_may_end_after_release():
    for code in ("car_t_fresh", "car_t_frozen"):
        flow = shipped(code)
        assert [stage.code for stage in flow.stages if stage.keeps_pool] == ["transduction", "expansion", "harvest"]
        assert [stage.code for stage in flow.stages if stage.may_end_after_release] == ["sterility_final"]
        assert [(s.code, s.direction, s.place) for s in flow.stages if s.direction] == [
            ("inbound", "inbound", "plant"),
            ("outbound", "outbound", "plant"),
        ]
        assert flow.restart_stage == "selection"


def test_shipped_flows_name_one_default_for_each_of_three_products():
    named = [
        (p.code, flow.code)
        for flow in map(shipped, ("car_t_fresh", "car_t_frozen"))
        for p in flow.products
        if p.default
    ]
    assert sorted(named) == [("bcma-c", "car_t_fresh"), ("cd19-a", "car_t_fresh"), ("cd19-b", "car_t_frozen")]


def test_a_small_flow_is_accepted():
    assert problems() == []


def test_every_duration_may_be_written_in_its_unit():
    written = {"36": 36, "1.5": 1.5, "36 hours": 36, "1 day": 24, "2.5 days": 60, "2 weeks": 336, "30 months": 21_600}
    for text, hours in written.items():
        flow = check_flow(SMALL.replace("worst: 2}", f"worst: 30000, longest_wait: {text}}}")).definition
        assert flow is not None
        assert flow.stages[0].longest_wait_hours == hours


def test_stages_stand_in_the_order_of_the_work_and_else_of_the_file():
    lines = SMALL.splitlines(keepends=True)
    aside = (
        lines[8].replace("code: culture", "code: testing").replace("worst: 8", "worst: 8, may_end_after_release: true")
    )
    mixed = "".join([*lines[:6], lines[9], aside, lines[8], lines[7], lines[6]])
    flow = check_flow(mixed).definition
    assert flow is not None
    assert [stage.code for stage in flow.stages] == ["enrolment", "making", "testing", "culture", "infusion"]


PROBLEMS = yaml.safe_load(Path(__file__).with_name("flow_problems.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", PROBLEMS, ids=[f"{case['old']} → {case['new']}"[:60] for case in PROBLEMS])
def test_a_problem_is_named_with_its_place(case):
    assert problems(case["old"], case["new"]) == case["says"]


def test_a_stage_may_keep_the_pool_of_the_stage_before_it():
    assert problems("[making], planned: 4, worst: 8", "[making], planned: 4, worst: 8, keeps_pool: true") == []


def test_a_keeper_at_another_place_has_nothing_to_keep():
    text = SMALL.replace("place: plant, after: [making]", "place: infusion_site, keeps_pool: true, after: [making]")
    assert problems(text=text) == [
        "line 9, stages[2].keeps_pool: no stage before it holds the pool “bay” at the same place, "
        "so there is nothing to keep"
    ]


def test_all_problems_are_told_at_once_in_the_order_of_the_file():
    text = (
        SMALL.replace("name: A small flow", "name: 1").replace("worst: 2", "worst: 0").replace("[culture]", "[cultur]")
    )
    assert problems(text=text) == [
        "line 2, name: must be text, not “1”; put it in quotes if it is meant so",
        "line 7, stages[0].worst: the worst case (0 h) is shorter than planned (1 h)",
        "line 10, stages[3].after[0]: no stage has the code “cultur” (did you mean “culture”?)",
    ]


UNREADABLE = [
    ("", "file: the file is empty"),
    ("# only a comment\n", "file: the file is empty"),
    (
        "just words",
        "line 1: must be a group of fields (code, name, products, restart_stage, signatures, stages), not “just words”",
    ),
    ("code: [a", "line 1: YAML cannot be read here: expected ',' or ']', but got '<stream end>'"),
    ("a: 1\n\tb: 2", "line 2: YAML cannot be read here: found character '\\t' that cannot start any token"),
    ("code: &a x\nname: *a", "line 2: YAML cannot be read here: an alias (*name); write the text out instead"),
    ("a: 1\n---\nb: 2", "line 2: YAML cannot be read here: but found another document"),
    (
        "code: !!python/object/apply:os.system [ls]",
        "line 1, code: must be a code, not a list; put it in quotes if it is meant so",
    ),
    (
        "code: !!python/name:os.system ls",
        "line 1: YAML cannot be read here: could not determine a constructor for the tag "
        "'tag:yaml.org,2002:python/name:os.system'",
    ),
    (
        "code: \x00",
        "file: this is no YAML text: unacceptable character #x0000: "
        'special characters are not allowed in "<unicode string>", position 6',
    ),
    ("[" * 5000, "line 1: YAML cannot be read here: fields nested too deeply"),
    ("x" * 200_001, "file: the file is longer than 200,000 characters; is it really a flow?"),
]


@pytest.mark.parametrize(("text", "expected"), UNREADABLE, ids=[text[:20] for text, _ in UNREADABLE])
def test_a_text_that_is_no_flow_is_refused_and_nothing_in_it_is_run(text, expected):
    assert expected in problems(text=text)
    assert check_flow(text).definition is None


def test_a_long_cycle_is_named_in_the_order_of_the_work():
    text = SMALL.replace("place: ordering_site,", "place: ordering_site, after: [infusion],")
    assert problems(text=text) == [
        "line 7, stages[0].after: these stages wait for each other: enrolment → making → culture → infusion → enrolment"
    ]


@given(st.permutations(JOURNEY))
def test_in_whatever_order_a_file_names_them_a_stage_stands_after_all_it_waits_for(journey):
    order = board_order({code: after for code, _, after, *_ in journey})
    assert sorted(order) == sorted(code for code, *_ in JOURNEY)
    too_early = [c for c, _, after, *_ in journey if any(order.index(c) < order.index(before) for before in after)]
    assert too_early == []


def test_a_flow_says_which_decisions_are_signed():
    text = (SHIPPED_FLOWS / "car_t_frozen.yaml").read_text(encoding="utf-8")
    assert check_flow(text).definition.signed_acts == ["release", "rejection", "excursion", "settlement"]
    assert "signatures" not in check_flow((SHIPPED_FLOWS / "car_t_fresh.yaml").read_text()).definition.as_json()
    old = "signatures: [release, rejection, excursion, settlement]"
    assert "“releases”" in problems(old, "signatures: [releases]", text)[0]
    assert "stands here twice" in problems(old, "signatures: [release, release]", text)[0]


def test_a_flow_says_at_which_reports_two_people_are_asked():
    text = (SHIPPED_FLOWS / "car_t_frozen.yaml").read_text(encoding="utf-8")
    stages = {stage.code: stage.two_people for stage in check_flow(text).definition.stages}
    assert {code: kinds for code, kinds in stages.items() if kinds} == {
        "outbound": ["completed"],
        "infusion": ["started"],
    }
    old = "two_people: [completed]"
    assert "“failed”" in problems(old, "two_people: [failed]", text)[0]
    assert "stands here twice" in problems(old, "two_people: [started, started]", text)[0]
    assert problems(old, "two_people: started", text)
    on_release = ("    kind: release\n", "    kind: release\n    two_people: [started]\n")
    assert "only a stage that has them asks" in problems(*on_release, text)[0]
