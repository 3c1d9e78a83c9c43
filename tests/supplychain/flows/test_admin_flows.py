"""Flows in the administration: a file is checked, tried, loaded, drawn and never edited."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from supplychain.audit.trails import trail_of
from supplychain.flows.models import Flow, Product
from supplychain.flows.rules.checks import check_flow
from tests.supplychain.administration.forms import WHY, AdminWorld, address, browser
from tests.supplychain.flows.test_flow_files import SMALL

pytestmark = pytest.mark.django_db
ADD = ("supplychain_flow", "add")


@pytest.fixture
def world() -> AdminWorld:
    return AdminWorld()


@pytest.fixture
def boss(world) -> Client:
    return browser(world.boss)


def load(client: Client, text: str = SMALL, **given):
    return client.post(address(*ADD), {"text": text, "reason": WHY, "load": "Check and load"} | given)


def test_a_product_comes_into_being_with_its_flow(world, boss):
    assert boss.get(address("supplychain_product", "add")).headers["Location"] == address(*ADD)
    file = SimpleUploadedFile("small.yaml", SMALL.encode(), "application/yaml")
    answer = boss.post(address(*ADD), {"file": file, "text": "", "reason": WHY, "load": "Check and load"})
    product = Product.objects.get(code="demo-a")
    flow = product.flows.get()
    assert answer.headers["Location"] == address("supplychain_flow", "change", flow)
    assert (flow.version, flow.is_current, flow.is_default, flow.stages.count()) == (1, True, True, 4)
    made = trail_of(flow, size=5)[-1]
    assert (made.kind, made.who, made.action, made.reason) == ("Added", "boss", "load flow", WHY)
    # It can be ordered at once.
    assert world.order(product="demo-a").flow_id == flow.pk


def test_a_wrong_file_is_explained_by_line_and_stage_and_changes_nothing(world, boss):
    text = SMALL.replace("after: [making]", "after: [makin]").replace("planned: 4, worst: 8", "planned: 9, worst: 8", 1)
    answer = load(boss, text)
    assert [(f.line, f.subject, f.field, f.text) for f in answer.context["findings"]] == [
        (8, "stage making", "worst", "the worst case (8 h) is shorter than planned (9 h)"),
        (9, "stage culture", "after[0]", "no stage has the code “makin” (did you mean “making”?)"),
    ]
    page = answer.content.decode()
    assert "2 problems: nothing was loaded" in page
    assert "Line 9, stage culture, after[0]:" in page
    assert answer.context["form"]["text"].value() == text  # what was typed is not lost
    assert not Product.objects.filter(code="demo-a").exists()


def test_checking_says_what_would_happen_and_does_nothing(world, boss):
    answer = boss.post(address(*ADD), {"text": SMALL, "check": "Check"})
    assert [(o.product.code, o.flow.version, str(o.outcome)) for o in answer.context["outcome"]] == [
        ("demo-a", 1, "created")
    ]
    assert not Product.objects.filter(code="demo-a").exists()
    load(boss)
    again = boss.post(address(*ADD), {"text": SMALL.replace("planned: 4", "planned: 5", 1), "check": "Check"})
    assert [(o.flow.version, str(o.outcome)) for o in again.context["outcome"]] == [(2, "new_version")]
    assert Flow.objects.filter(product__code="demo-a").count() == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"reason": "new"}, "reason"),
        ({"text": " "}, "text"),
        ({"file": SimpleUploadedFile("x.yaml", b"\xff\xfe\x00")}, "file"),
        ({"file": SimpleUploadedFile("x.yaml", b"x" * 900_000)}, "file"),
    ],
    ids=["no reason", "short reason", "no text", "no UTF-8", "too large"],
)
def test_what_cannot_be_read_is_told_at_its_field(world, boss, given, field):
    assert list(load(boss, **given).context["form"].errors) == [field]
    assert not Product.objects.filter(code="demo-a").exists()


def test_the_page_draws_the_flow_and_says_the_same_in_a_table(world, boss):
    world.order()
    page = boss.get(address("supplychain_flow", "change", world.flow))
    html = page.content.decode()
    assert [box.code for box in page.context["drawing"].boxes] == [row["stage"].code for row in page.context["stages"]]
    assert html.count('class="flow-stage') == html.count('<th scope="row">') == 7
    assert (page.context["orders"], page.context["open_orders"]) == (1, 1)
    assert "style=" not in html


def test_a_loaded_flow_is_neither_changed_nor_deleted(world, boss):
    assert boss.post(address("supplychain_flow", "change", world.flow), {"name": "Mine"}).status_code == 403
    assert boss.post(address("supplychain_flow", "delete", world.flow), {"post": "yes"}).status_code == 403


def test_the_next_version_starts_from_this_one_and_orders_keep_theirs(world, boss):
    load(boss)
    first = Flow.objects.get(product__code="demo-a")
    order = world.order(product="demo-a")
    file = boss.get(reverse("admin:supplychain_flow_file", args=[first.pk]))
    assert file.headers["Content-Disposition"] == 'attachment; filename="small-v1.yaml"'
    assert check_flow(file.content.decode()).definition.as_json() == first.definition

    page = boss.get(address(*ADD), {"from": first.pk})
    text = page.context["form"]["text"].value()
    assert text == file.content.decode()
    load(boss, text.replace("planned: 4", "planned: 5", 1), based_on=first.pk)
    assert list(Flow.objects.filter(product__code="demo-a").values_list("version", "is_current")) == [
        (2, True), (1, False),
    ]  # fmt: skip
    order.refresh_from_db()
    assert order.flow_id == first.pk
    assert "An older version" in boss.get(address("supplychain_flow", "change", first)).content.decode()


def test_a_version_loaded_meanwhile_is_not_replaced_in_silence(world, boss):
    load(boss)
    first = Flow.objects.get(product__code="demo-a")
    theirs = SMALL.replace("planned: 4", "planned: 5", 1)
    load(boss, theirs, based_on=first.pk)
    mine = SMALL.replace("planned: 4", "planned: 6", 1)
    answer = load(boss, mine, based_on=first.pk)
    assert answer.context["form"].non_field_errors()[0].startswith("demo-a/small v2 was loaded while you had")
    assert Flow.objects.filter(product__code="demo-a").count() == 2
    load(boss, mine, based_on=answer.context["form"]["based_on"].value())
    assert Flow.objects.filter(product__code="demo-a").count() == 3


def test_a_shipped_flow_is_there_to_start_from(world, boss):
    text = boss.get(address(*ADD), {"from": "car_t_fresh"}).context["form"]["text"].value()
    assert check_flow(text).problems == ()
    assert boss.get(address(*ADD), {"from": "nonsense"}).status_code == 404
