"""Where the stages of a flow stand in its drawing, and flows written as files again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplychain.flows.actions import SHIPPED_FLOWS
from supplychain.flows.rules.checks import check_flow
from supplychain.flows.rules.drawings import BOX_WIDTH, cells, columns, draw_flow, duration
from supplychain.flows.rules.texts import explained, write_flow
from tests.supplychain.builders import plain_plan
from tests.supplychain.flows.test_flow_files import SMALL


def test_a_stage_stands_one_column_behind_the_furthest_that_it_waits_for():
    assert columns({"a": [], "b": ["a"], "c": ["a"], "d": ["b"], "e": ["d", "c"]}) == {
        "a": 0, "b": 1, "c": 1, "d": 2, "e": 3,
    }  # fmt: skip


def test_the_main_way_is_straight_and_what_stands_aside_lies_below():
    places, bends = cells({"harvest": [], "sterility": ["harvest"], "release": ["harvest"], "infusion": ["release"]})
    assert places == {"harvest": (0, 0), "release": (1, 0), "sterility": (1, 1), "infusion": (2, 0)}
    assert bends == {}


def test_an_arrow_past_a_column_has_a_free_place_there():
    places, bends = cells({"a": [], "b": ["a"], "c": ["b"], "d": ["c", "a"]})
    assert places == {"a": (0, 0), "b": (1, 0), "c": (2, 0), "d": (3, 0)}
    assert bends == {("a", "d"): [(1, 1), (2, 1)]}


graphs = st.integers(1, 9).flatmap(
    lambda size: st.tuples(*(st.sets(st.integers(0, max(n - 1, 0)), max_size=3 if n else 0) for n in range(size)))
)


@given(graphs)
def test_no_two_things_share_a_place_and_every_arrow_runs_to_the_right(after):
    graph = {str(n): [str(before) for before in befores] for n, befores in enumerate(after)}
    places, bends = cells(graph)
    taken = [*places.values(), *(cell for bent in bends.values() for cell in bent)]
    assert len(taken) == len(set(taken))
    for code, befores in graph.items():
        for before in befores:
            way = [places[before], *bends.get((before, code), []), places[code]]
            assert [column for column, _ in way] == list(range(places[before][0], places[code][0] + 1))


def test_the_drawing_holds_every_stage_and_every_arrow():
    drawing = draw_flow(plain_plan().stages.values())
    assert [box.code for box in drawing.boxes] == list(plain_plan().stages)
    assert [(arrow.before, arrow.after) for arrow in drawing.arrows] == [
        ("collection", "inbound"), ("inbound", "selection"), ("selection", "harvest"), ("harvest", "sterility"),
        ("harvest", "release"), ("release", "infusion"),
    ]  # fmt: skip
    assert max(box.x + BOX_WIDTH for box in drawing.boxes) < drawing.width
    assert [box.code for box in drawing.boxes if box.stands_aside] == ["sterility"]
    inbound = drawing.boxes[1]
    assert [line.text for line in inbound.lines] == [
        "Inbound", "24 h, at most 60 h", "wait at most 24 h", "pool courier", "at plant",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("hours", "words"), [(0, "0 h"), (1.5, "1.5 h"), (24, "24 h"), (48, "2 d"), (60, "60 h"), (168, "7 d")]
)
def test_durations_are_short(hours, words):
    assert duration(hours) == words


@pytest.mark.parametrize("text", [SMALL, *(path.read_text(encoding="utf-8") for path in SHIPPED_FLOWS.glob("*.yaml"))])
def test_a_flow_written_as_a_file_reads_back_as_itself(text):
    definition = check_flow(text).definition
    again = check_flow(write_flow(definition.as_json(), definition.products))
    assert again.problems == ()
    assert again.definition == definition


@given(name=st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" "), min_size=1, max_size=80))
def test_any_name_survives_being_written(name):
    definition = check_flow(SMALL).definition.as_json()
    definition["stages"][1]["name"] = name.strip() or "x"
    again = check_flow(write_flow(definition, check_flow(SMALL).definition.products))
    assert again.definition is not None, again.problems
    assert again.definition.as_json() == definition


def test_a_problem_is_shown_with_its_line_and_its_stage():
    text = SMALL.replace("after: [making]", "after: [makin]").replace("planned: 1, worst: 1", "planned: 1, worst: 0")
    found = explained(text, check_flow(text).problems)
    assert [(one.line, one.subject, one.field) for one in found] == [
        (9, "stage culture", "after[0]"), (10, "stage infusion", "worst"),
    ]  # fmt: skip
    assert found[0].text == "no stage has the code “makin” (did you mean “making”?)"
    assert found[0].source.startswith("- {code: culture")


def test_a_problem_of_a_nameless_stage_counts_it_and_one_of_the_file_says_so():
    text = SMALL.replace("code: culture, ", "")
    assert [one.subject for one in explained(text, check_flow(text).problems)] == ["stage number 3"]
    assert [(one.line, one.subject) for one in explained("", check_flow("").problems)] == [(None, "")]
