"""The page of learned durations: one's own sites, one product, every figure, at a fixed cost."""

import csv
from io import StringIO

import pytest
from django.urls import reverse

from batches.durations.rules.curves import constant, curve_of_plan
from batches.durations.rules.pages import STEPS, LearnedRow, StagePlanned, step_of, survival_chart
from supplychain.people.statuses import Role
from tests.batches.durations.learned_rows import DRIFT, make_learned
from tests.dashboards.builders import TowerWorld, browser_of
from tests.supplychain.builders import make_flow, make_user

# Session, person, their sites, whether there are others: 4. What may be chosen: 3. Stages, rows, resources: 3.
PAGE = 10
PLAN = StagePlanned("selection", "Selection", 2, 12, 24)


@pytest.fixture
def world(db) -> TowerWorld:
    return TowerWorld()


def page_of(user, query: str = ""):
    answer = browser_of(user).get(f"{reverse('durations')}?{query}")
    assert answer.status_code == 200
    return answer


def shown(answer) -> list[tuple[str, str]]:
    """Stage and learned median of each row of the table."""
    return [(stage.plan.name, f"{stage.row.median_hours:.1f}") for stage in answer.context["learned"].stages]


def file_of(user, query: str = "") -> list[dict[str, str]]:
    answer = browser_of(user).get(f"{reverse('durations_csv')}?{query}")
    return list(csv.DictReader(StringIO(answer.text)))


def test_the_stages_of_ones_site_stand_in_flow_order(world):
    product = world.flow.product
    make_learned(product, world.plant, "harvest", hours=11)
    make_learned(product, world.plant, "selection", hours=14, drift=DRIFT, is_drifting=True)
    answer = page_of(world.operations)
    assert shown(answer) == [("Selection", "14.0"), ("Harvest", "11.0")]
    assert "Product small, Plant" in answer.text
    assert "Slower" in answer.text
    assert "+25 %: 15.0 h, before 12.0 h (n = 30, 40; z +4.2)" in answer.text
    assert "5.0 % " in answer.text
    assert "(2.0–10.0 %)" in answer.text
    assert "Too few runs" in answer.text


def test_other_sites_do_not_exist(world):
    product = world.flow.product
    make_learned(product, world.plant, hours=14)
    make_learned(product, world.bergen, "collection", hours=17)
    make_learned(product, None, hours=19)
    for query in ("", "site=bergen", "site=all", "product=product-small&site=nonsense"):
        assert shown(page_of(world.operations, query)) == [("Selection", "14.0")], query
        assert [row["site"] for row in file_of(world.operations, query)] == ["plant"]
    assert "Bergen" not in page_of(world.operations).text
    assert "Nothing has been learned yet at your sites" in page_of(world.coordinator).text
    assert file_of(world.coordinator) == []


def test_who_sees_every_site_sees_them_together_too(world):
    product = world.flow.product
    make_learned(product, world.plant, hours=14)
    make_learned(product, None, hours=19)
    everywhere = make_user("all", world.plant, world.oslo, world.bergen, role=Role.ADMINISTRATOR)
    assert shown(page_of(everywhere)) == [("Selection", "19.0")]
    assert "all sites" in page_of(everywhere).text
    assert shown(page_of(everywhere, "site=plant")) == [("Selection", "14.0")]


def test_the_product_is_chosen_in_the_address(world):
    other = make_flow("other").product
    make_learned(world.flow.product, world.plant, hours=14)
    make_learned(other, world.plant, hours=16)
    assert shown(page_of(world.operations, "product=product-small")) == [("Selection", "14.0")]
    assert shown(page_of(world.operations, "product=product-other")) == [("Selection", "16.0")]
    assert shown(page_of(world.operations, "product=%00")) == [("Selection", "16.0")]


def test_an_empty_page_says_what_would_fill_it(world):
    assert "Nothing has been learned yet at your sites" in page_of(world.operations).text
    assert "You are not a member of any site yet" in page_of(make_user("nobody")).text
    make_learned(world.flow.product, world.plant)
    make_learned(make_flow("other").product, world.oslo)
    both = make_user("both", world.plant, world.oslo)
    assert "was run at Plant" in page_of(both, "product=product-other&site=plant").text


def test_the_file_has_every_figure_and_every_resource(world):
    product = world.flow.product
    make_learned(product, world.plant, drift=DRIFT, is_drifting=True)
    make_learned(product, world.plant, resource="Suite 1", completed=3, own_weight=0.23)
    stage, suite = file_of(world.operations)
    assert stage == {
        "product": "product-small", "site": "plant", "stage": "selection", "name": "Selection", "resource": "",
        "planned_hours": "12.0", "learned_median_hours": "14.0", "learned_p90_hours": stage["learned_p90_hours"],
        "completed": "30", "failed": "2", "withdrawn": "1", "still_at_work": "4", "own_weight": "0.75",
        "failed_share": "0.05", "failed_low": "0.02", "failed_high": "0.1", "withdrawn_share": "0.02",
        "newest_runs": "30", "earlier_runs": "40", "newest_median_hours": "15.0", "earlier_median_hours": "12.0",
        "shift": "0.25", "z": "4.2", "is_drifting": "yes", "learned_at": "2026-03-06T11:00:00+00:00",
    }  # fmt: skip
    assert (suite["resource"], suite["completed"], suite["newest_runs"], suite["is_drifting"]) == (
        "Suite 1",
        "3",
        "",
        "no",
    )
    assert "Suite 1" in page_of(world.operations).text


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("name", ["durations", "durations_csv"])
def test_the_cost_does_not_grow(world, name, rows, django_assert_num_queries):
    for stage in ("selection", "harvest", "collection")[:rows]:
        for resource in ("", "Suite 1"):
            make_learned(world.flow.product, world.plant, stage, resource)
    client = browser_of(world.operations)
    client.get(reverse(name))
    with django_assert_num_queries(PAGE):
        client.get(reverse(name))


# Rules


def test_the_chart_begins_with_everybody_at_work_and_ends_with_one_in_a_hundred():
    chart = survival_chart(PLAN, curve_of_plan(20, 25))
    learned, planned = chart.series
    assert (chart.labels[0], learned.values[0], planned.values[0]) == ("0 h", 100, 100)
    assert len(chart.labels) <= STEPS + 1
    assert max(learned.values[-1], planned.values[-1]) <= 1
    assert learned.values[chart.labels.index("20 h")] == 50
    assert list(learned.values) == sorted(learned.values, reverse=True)
    assert planned.dashed


@pytest.mark.parametrize(("hours", "step"), [(0, 0.25), (6, 0.25), (7, 0.5), (300, 24), (9_600, 400)])
def test_the_steps_are_such_as_people_count_in(hours, step):
    assert step_of(hours) == step


def test_a_stage_without_any_length_has_a_chart_too():
    chart = survival_chart(StagePlanned("x", "X", 0, 0, 0), constant(0))
    assert [series.values[0] for series in chart.series] == [0, 0]


@pytest.mark.parametrize(
    ("drift", "is_drifting", "word"),
    [({}, False, "Too few runs"), (DRIFT, False, "Steady"), (DRIFT, True, "Slower"),
     (DRIFT | {"shift": -0.25, "z": -4.2}, True, "Faster")],
)  # fmt: skip
def test_drift_has_a_word_and_its_numbers(drift, is_drifting, word):
    row = LearnedRow("x", "", 1, 0, 0, 0, 0.1, 1, 1, 1, 0, 0, 0, 0, drift, is_drifting)
    assert row.drift_word == word
    if word == "Faster":
        assert row.drift_numbers == "−25 %: 15.0 h, before 12.0 h (n = 30, 40; z −4.2)"
