"""Risk thresholds in the administration: with a reason, checked, kept, and the lines are forecast again."""

import pytest
import time_machine

from batches.forecasts.models import ForecastJob, RiskThreshold
from supplychain.flows.models import Product
from tests.supplychain.administration.forms import WHY, AdminWorld, address, browser, change, said
from tests.supplychain.builders import at

pytestmark = pytest.mark.django_db
VALUES = {"attention": 0.2, "critical": 0.5, "wait_attention": 0.1, "no_dose_attention": 0.2, "easing": 0.05}
TABLE = "batches_riskthreshold"
# Session, person, what they administer, the count, the rows.
QUERIES = 6


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(at(5), tick=False):
        yield


@pytest.fixture
def world() -> AdminWorld:
    return AdminWorld()


def test_a_product_gets_thresholds_of_its_own(world):
    world.order()
    boss = browser(world.boss)

    answer = boss.post(address(TABLE, "add"), {"product": world.flow.product.pk, "reason": WHY, **VALUES})

    assert answer.status_code == 302
    assert RiskThreshold.objects.values("product", *VALUES).get() == {"product": world.flow.product.pk, **VALUES}
    assert ForecastJob.objects.get().forecast_after == at(5)


def test_what_makes_no_sense_is_told_at_the_field(world):
    threshold = RiskThreshold.objects.create(product=world.flow.product, **VALUES)
    answer = change(browser(world.boss), address(TABLE, "change", threshold), critical=0.1)
    assert said(answer) == {"critical": ["Critical must be above attention."]}


def test_changing_and_going_back_to_the_usual_ones(world):
    threshold = RiskThreshold.objects.create(product=world.flow.product, **VALUES)
    boss = browser(world.boss)
    assert change(boss, address(TABLE, "change", threshold), attention=0.25).status_code == 302
    assert RiskThreshold.objects.get().attention == 0.25

    boss.post(address(TABLE, "delete", threshold), {"post": "yes", "reason": WHY})
    assert RiskThreshold.objects.count() == 0


def test_who_administers_no_plant_only_reads(world):
    RiskThreshold.objects.create(product=world.flow.product, **VALUES)
    local = browser(world.local)
    assert local.get(address(TABLE, "changelist")).status_code == 200
    assert local.get(address(TABLE, "add")).status_code == 403


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_one_row_and_for_three(world, django_assert_num_queries, rows):
    for number in range(rows):
        product = Product.objects.create(code=f"p-{number}", name=f"P {number}")
        RiskThreshold.objects.create(product=product, **VALUES)
    boss = browser(world.boss)
    boss.get(address(TABLE, "changelist"))
    with django_assert_num_queries(QUERIES):
        boss.get(address(TABLE, "changelist"))


COSTS = {"acting_cost": 300.0, "late_cost": 2000.0, "avoided_by_acting": 0.5}


def test_costs_are_asked_for_all_three_or_none_and_are_kept_with_the_reason(world):
    threshold = RiskThreshold.objects.create(product=world.flow.product, **VALUES)
    boss, url = browser(world.boss), address(TABLE, "change", threshold)
    assert said(change(boss, url, acting_cost=300)) == {
        "late_cost": ["Give all three, or none."], "avoided_by_acting": ["Give all three, or none."],
    }  # fmt: skip
    wrong = said(change(boss, url, acting_cost=0, late_cost=1, avoided_by_acting=1.1))
    assert set(wrong) == {"acting_cost", "avoided_by_acting"}
    assert change(boss, url, **COSTS).status_code == 302
    assert RiskThreshold.objects.values(*VALUES, *COSTS).get() == VALUES | COSTS
    assert change(boss, url, **dict.fromkeys(COSTS, False)).status_code == 302
    assert RiskThreshold.objects.values(*COSTS).get() == dict.fromkeys(COSTS)


def test_the_list_names_its_columns_as_the_form_does_and_shows_per_cent(world):
    costs = {"acting_cost": 2, "late_cost": 100, "avoided_by_acting": 0.5}
    RiskThreshold.objects.create(product=world.flow.product, **VALUES, **costs)
    page = browser(world.boss).get(address(TABLE, "changelist")).content.decode()
    for words in ("Late: attention from", "Clears below by", "Cost of a late dose", "20 %", "50 %", ">100<"):
        assert words in page, words
