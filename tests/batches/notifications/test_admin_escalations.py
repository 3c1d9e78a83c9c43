"""Escalation chains in the administration: a plant's own steps, checked, with a reason, kept in the history."""

import pytest
from django.urls import reverse

from batches.notifications.actions.escalations import add_escalation_step
from batches.notifications.models import EscalationStep
from supplychain.audit.refusals import Refused
from supplychain.people.statuses import Role
from supplychain.sites.models import Site
from supplychain.sites.statuses import SiteKind
from tests.supplychain.administration.forms import WHY, AdminWorld, address, browser, change, said
from tests.supplychain.builders import make_site, make_user

pytestmark = pytest.mark.django_db
TABLE = "batches_escalationstep"
# Session, person, what they administer, roles, the count, the rows.
QUERIES = 6


@pytest.fixture
def world() -> AdminWorld:
    return AdminWorld()


def step(site: Site, role: Role = Role.QA, minutes: int = 15) -> EscalationStep:
    return EscalationStep.objects.create(site=site, role=role, after_minutes=minutes)


def test_a_plant_gets_a_step_changes_it_and_gives_it_up(world):
    boss = browser(world.boss)
    asked = {"site": world.plant.pk, "role": Role.QA, "after_minutes": 15, "reason": WHY}

    assert boss.post(address(TABLE, "add"), asked).status_code == 302
    made = EscalationStep.objects.get()
    assert (made.site, made.role, made.after_minutes) == (world.plant, Role.QA, 15)

    assert change(boss, address(TABLE, "change", made), after_minutes=20).status_code == 302
    assert EscalationStep.objects.get().after_minutes == 20

    boss.post(address(TABLE, "delete", made), {"post": "yes", "reason": WHY})
    assert not EscalationStep.objects.exists()
    trail = boss.get(reverse("admin:audit_trail") + "?table=escalationstep").content.decode()
    assert trail.count(WHY) == 3


def test_a_first_step_keeps_the_usual_chain_if_wanted_and_says_which_holds(world):
    boss = browser(world.boss)
    asked = {"site": world.plant.pk, "role": Role.OPERATIONS, "after_minutes": 15, "reason": WHY}
    assert boss.get(address(TABLE, "add")).context["adminform"].form["keeps_usual"].value() is True
    answer = boss.post(address(TABLE, "add"), asked | {"keeps_usual": "on"}, follow=True)
    told = "Operations after 15 minutes, Quality assurance after 30 minutes, Administrator after 60 minutes"
    assert f"The chain of Plant is now its own: {told}." in answer.content.decode()
    assert list(EscalationStep.objects.order_by("after_minutes").values_list("role", "after_minutes")) == [
        ("operations", 15), ("qa", 30), ("administrator", 60),
    ]  # fmt: skip


def test_a_first_step_of_a_role_of_the_usual_chain_takes_that_ones_place(world):
    boss = browser(world.boss)
    asked = {"site": world.plant.pk, "role": Role.QA, "after_minutes": 5, "reason": WHY, "keeps_usual": "on"}
    boss.post(address(TABLE, "add"), asked)
    assert list(EscalationStep.objects.order_by("after_minutes").values_list("role", "after_minutes")) == [
        ("qa", 5), ("administrator", 60),
    ]  # fmt: skip


def test_a_chain_without_the_usual_and_one_given_up_say_who_is_told(world):
    boss = browser(world.boss)
    asked = {"site": world.plant.pk, "role": Role.OPERATIONS, "after_minutes": 15, "reason": WHY}
    alone = boss.post(address(TABLE, "add"), asked, follow=True).content.decode()
    assert "The chain of Plant is now its own: Operations after 15 minutes. Nobody else is told" in alone
    url = address(TABLE, "delete", EscalationStep.objects.get())
    usual = boss.post(url, {"post": "yes", "reason": WHY}, follow=True).content.decode()
    assert "The chain of Plant is now the usual: Quality assurance after 30 minutes" in usual


@pytest.mark.parametrize(
    ("values", "errors"),
    [
        ({"after_minutes": 0}, {"after_minutes": ["This is too little: write 1 or more."]}),
        ({"after_minutes": 2000}, {"after_minutes": ["This is too much: write 1440 or less."]}),
        (
            {"after_minutes": 60},
            {"after_minutes": ["Another role is told at this time: each step has a time of its own."]},
        ),
        ({"reason": " "}, {"reason": ["“Reason for the change” is missing: enter it."]}),
    ],
)
def test_what_makes_no_sense_is_told_at_the_field(world, values, errors):
    step(world.plant, Role.ADMINISTRATOR, 60)
    answer = change(browser(world.boss), address(TABLE, "change", step(world.plant)), **values)
    assert said(answer) == errors


def test_a_hospital_and_a_role_that_is_told_already_are_refused(world):
    with pytest.raises(Refused, match="is no plant"):
        add_escalation_step(world.oslo, role=Role.QA, after_minutes=5, reason=WHY, by=None)
    step(world.plant)
    with pytest.raises(Refused, match="tells this role already"):
        add_escalation_step(world.plant, role=Role.QA, after_minutes=5, reason=WHY, by=None)
    with pytest.raises(Refused, match="Give 1 to 1440 minutes"):
        add_escalation_step(world.plant, role=Role.OPERATIONS, after_minutes=0, reason=WHY, by=None)
    with pytest.raises(Refused, match="A role is one of"):
        add_escalation_step(world.plant, role="cook", after_minutes=5, reason=WHY, by=None)


def test_only_plants_of_the_administrator_can_be_chosen(world):
    make_site("other", SiteKind.PLANT)
    form = browser(world.boss).get(address(TABLE, "add")).context["adminform"].form
    assert list(form.fields["site"].queryset) == [world.plant]


def test_steps_of_another_plant_do_not_exist(world):
    other = make_site("other", SiteKind.PLANT)
    boss, foreign = browser(world.boss), step(other)
    assert b"Other" not in boss.get(address(TABLE, "changelist")).content
    for page in ("change", "delete"):
        assert boss.post(address(TABLE, page, foreign), {"post": "yes", "reason": WHY}).status_code == 404
    assert EscalationStep.objects.filter(pk=foreign.pk).exists()


def test_who_administers_no_plant_adds_none(world):
    local = browser(make_user("lone", world.bergen, role=Role.ADMINISTRATOR))
    assert local.get(address(TABLE, "changelist")).status_code == 200
    assert local.get(address(TABLE, "add")).status_code == 403


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_one_row_and_for_three(world, django_assert_num_queries, rows):
    for role, minutes in list(zip(Role.values, (10, 20, 30), strict=False))[:rows]:
        step(world.plant, role, minutes)
    boss = browser(world.boss)
    boss.get(address(TABLE, "changelist"))
    with django_assert_num_queries(QUERIES):
        boss.get(address(TABLE, "changelist"))
