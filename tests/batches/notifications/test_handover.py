"""The hand-over of a shift: what it counts, who hands over and who takes over."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from batches.flags.actions.people import acknowledge_flag, take_on_flag
from batches.flags.models import Flag, FlagChange
from batches.flags.statuses import FlagChangeKind
from batches.judgement.statuses import FlagCode, Harm, Severity
from batches.notifications.models import HandOver, TakeOver
from supplychain.people.statuses import Role
from tests.batches.notifications.inboxes import page, told
from tests.dashboards.builders import (
    TowerWorld,
    browser_of,
    hang,
    make_bottleneck,
    make_pool,
    raise_flag,
)
from tests.supplychain.builders import at, make_user

pytestmark = pytest.mark.django_db

# Session, person, memberships, sites: 4. Figures: 5. Open, raised, cleared, touched, escalated, ended, failed,
# bottlenecks, earlier ones, stage names: 10. Pools under which flags hang: 1.
HANDOVER = 20


# Session, person, memberships, sites: 4. Pools, flags counted, newest hand-overs, open flags, stage names: 5.
HANDOVER_OF_ALL = 9


@pytest.fixture
def world() -> TowerWorld:
    with time_machine.travel(at(10), tick=False):
        yield TowerWorld()


@pytest.mark.parametrize("orders", [1, 3])
def test_the_hand_over_costs_the_same_for_one_order_and_for_three(world, django_assert_num_queries, orders):
    for number in range(orders):
        order = world.order(coi=f"CO-{number}")
        acknowledge_flag(raise_flag(order).pk, by=world.operations, person="Ola", comment="Asked.", now=at(10))
        take_on_flag(raise_flag(order, FlagCode.SILENT).pk, by=world.operations, now=at(10))
    make_bottleneck(make_pool(world.plant, "suite", "Suites"), started_at=at(9))
    client = browser_of(world.operations)
    client.get(reverse("handover"))
    with django_assert_num_queries(HANDOVER):
        client.get(reverse("handover"))


def test_the_hand_over_counts_and_keeps_what_is_said(world):
    flag = raise_flag(world.order(), severity=Severity.CRITICAL)
    acknowledge_flag(flag.pk, by=world.operations, person="Ola", comment="Courier called.", now=at(10))
    client = browser_of(world.operations)
    text = client.get(reverse("handover")).content.decode()
    assert "“Courier called.”" in text
    said = {"site": "plant", "hours": "12", "text": "Watch the courier."}
    assert client.post(reverse("handover"), said).status_code == 302
    kept = HandOver.objects.get()
    assert (kept.text, kept.from_at, kept.to_at) == ("Watch the courier.", at(-2), at(10))
    assert (kept.figures["open"], kept.figures["raised"], kept.figures["acknowledged"]) == (1, 1, 1)
    assert "Watch the courier." in client.get(reverse("handover")).content.decode()
    assert client.post(reverse("handover"), said | {"text": " "}).status_code == 422


def test_the_hand_over_says_what_its_figures_count_and_what_is_next(world):
    raise_flag(world.order(), next_step="Operations: ask the courier.")
    text = page(world.operations, "handover")
    assert ">flags open now<" in text
    assert "Operations: ask the courier." in text
    assert "All your sites" not in text


def test_who_has_several_sites_sees_all_of_them_the_worst_first_and_hands_each_over(world):
    raise_flag(world.order(coi="CO-PLANT"), harm=Harm.PROMISE)
    raise_flag(world.order_of_bergen(coi="CO-BOTH"), severity=Severity.CRITICAL, harm=Harm.DOSE_IN_DOUBT)
    both = make_user("both", world.oslo, world.bergen, world.plant)
    client = browser_of(both)
    report = client.get(reverse("handover")).context["report"]
    standing = [(one.site.code, one.site.open_flags, [flag.order.coi for flag in one.flags]) for one in report.sites]
    # An order stands at each site that takes part in it; Oslo has but the promise.
    assert standing == [
        ("bergen", 1, ["CO-BOTH"]), ("plant", 2, ["CO-BOTH", "CO-PLANT"]), ("oslo", 1, ["CO-PLANT"]),
    ]  # fmt: skip
    said = {"site": "bergen", "all": "1", "text": "The dose is put aside."}
    assert client.post(reverse("handover"), said)["Location"] == f"{reverse('handover')}#site-bergen"
    handed = HandOver.objects.get()
    night = browser_of(make_user("night", world.bergen, world.plant))
    assert "The dose is put aside." in night.get(reverse("handover")).text
    taken = night.post(reverse("take_over", args=[handed.pk]), {"all": "1", "remark": ""})
    assert taken["Location"] == f"{reverse('handover')}#site-bergen"
    assert "Taken over by night" in night.get(reverse("handover")).text
    # One site by itself keeps its page.
    assert night.get(reverse("handover"), {"site": "plant"}).context["shift"].site == world.plant


def test_the_hand_over_leaves_off_no_critical_flag_and_counts_the_others(world, monkeypatch):
    monkeypatch.setattr("batches.notifications.queries.handovers.MOST_OF_A_SITE", 2)
    monkeypatch.setattr("batches.notifications.queries.handovers.MOST_ROWS", 2)
    make_pool(world.plant, "suite", "Suites")
    for number in range(3):
        hang(world.order(coi=f"CO-HANG-{number}"))
    for number in range(3):
        raise_flag(world.order(coi=f"CO-HELD-{number}"), FlagCode.ON_HOLD, due=at(10 + number))
    raise_flag(world.order(coi="CO-LATE"), severity=Severity.CRITICAL, harm=Harm.PROMISE)
    of_all = browser_of(make_user("both", world.bergen, world.plant)).get(reverse("handover"))
    plant = next(one for one in of_all.context["report"].sites if one.site == world.plant)
    of_one = browser_of(world.operations).get(reverse("handover"))
    report = of_one.context["report"]
    for flags, left_out, shown in (
        (plant.flags, plant.left_out, of_all),
        (report.open_flags, report.left_out, of_one),
    ):
        assert [flag.order.coi for flag in flags] == ["CO-HELD-0", "CO-HELD-1", "CO-LATE"]
        assert left_out == 1
        assert "and every critical one are listed; 1 more, none critical, stands on the control tower." in shown.text


@pytest.mark.parametrize("flags", [1, 3])
def test_the_hand_over_of_all_sites_costs_the_same_for_one_flag_and_for_three(world, django_assert_num_queries, flags):
    client = browser_of(make_user("both", world.bergen, world.plant))
    for number in range(flags):
        raise_flag(world.order_of_bergen(coi=f"CO-{number}"))
    client.get(reverse("handover"))
    with django_assert_num_queries(HANDOVER_OF_ALL):
        client.get(reverse("handover"))


def test_only_those_who_work_there_hand_over(world):
    raise_flag(world.order())
    assert "Shifts are handed over by operations" in page(world.coordinator, "handover")
    stranger = make_user("qa", world.bergen, role=Role.QA)
    assert "CO-" not in page(stranger, "handover")
    assert browser_of(stranger).get(reverse("handover"), {"site": "plant"}).status_code == 404
    assert browser_of(stranger).post(reverse("handover"), {"site": "plant", "text": "x"}).status_code == 404


def test_whoever_comes_confirms_the_hand_over_that_stands_on_top(world):
    said = {"site": "plant", "hours": "12", "text": "Watch the courier."}
    browser_of(world.operations).post(reverse("handover"), said)
    handed = HandOver.objects.get()
    night = make_user("night", world.plant, role=Role.OPERATIONS)
    assert "operations has handed over" in page(night, "control_tower")
    text = page(night, "handover")
    assert text.index("Watch the courier.") < text.index("open now")
    address = reverse("take_over", args=[handed.pk])
    for person in (world.operations, world.coordinator):
        browser_of(person).post(address)
        assert not TakeOver.objects.exists()
    browser_of(night).post(address, {"remark": "Called him."})
    kept = TakeOver.objects.get()
    assert (kept.handover, kept.by, kept.person, kept.remark) == (handed, night, "night", "Called him.")
    browser_of(make_user("late", world.plant, role=Role.QA)).post(address)
    assert TakeOver.objects.count() == 1
    assert "Taken over by night" in page(world.operations, "handover")
    assert "has handed over" not in page(night, "control_tower")


def test_whoever_takes_a_shift_over_has_the_flags_of_who_handed_it_over(world):
    order = world.order()
    handed = raise_flag(order, owner=world.operations)
    other = raise_flag(order, subject="x", owner=world.coordinator)
    elsewhere = raise_flag(world.order_of_bergen(plant="plant"), subject="y", raised_at=at(11))
    Flag.objects.filter(pk=elsewhere.pk).update(owner=world.operations)
    browser_of(world.operations).post(reverse("handover"), {"site": "plant", "text": "Watch the courier."})
    night = make_user("night", world.plant, role=Role.OPERATIONS)
    assert 'name="takes_flags" value="1" checked' in page(night, "handover")
    address = reverse("take_over", args=[HandOver.objects.get().pk])
    answer = browser_of(night).post(address, {"takes_flags": "1"}, follow=True)
    assert "You have 1 flag of operations now." in answer.text
    owners = {flag.pk: flag.owner.username for flag in Flag.objects.select_related("owner")}
    assert owners == {handed.pk: "night", other.pk: "coordinator", elsewhere.pk: "operations"}
    assert handed.changes.filter(kind="taken_on", user=night).exists()


def test_what_somebody_took_on_after_handing_over_stays_theirs(world):
    later, handed = (raise_flag(world.order(), owner=world.operations, subject=one) for one in "xy")
    browser_of(world.operations).post(reverse("handover"), {"site": "plant", "text": "I stay on for one."})
    made = HandOver.objects.get()
    taken = {"kind": FlagChangeKind.TAKEN_ON, "severity": later.severity, "why": later.why, "user": world.operations}
    for flag, moment in ((later, made.made_at + timedelta(minutes=1)), (handed, made.made_at)):
        FlagChange.objects.create(flag=flag, changed_at=moment, **taken)
    night = make_user("night", world.plant, role=Role.OPERATIONS)
    browser_of(night).post(reverse("take_over", args=[made.pk]), {"takes_flags": "1"})
    owners = {flag.pk: flag.owner.username for flag in Flag.objects.select_related("owner")}
    assert owners == {later.pk: "operations", handed.pk: "night"}


def test_whoever_takes_a_shift_over_without_its_flags_leaves_them(world):
    flag = raise_flag(world.order(), owner=world.operations)
    browser_of(world.operations).post(reverse("handover"), {"site": "plant", "text": "I stay on."})
    night = make_user("night", world.plant, role=Role.OPERATIONS)
    browser_of(night).post(reverse("take_over", args=[HandOver.objects.get().pk]))
    assert Flag.objects.get(pk=flag.pk).owner == world.operations


def test_what_is_cleared_stands_below_what_is_raised(world):
    told(world, 1)
    Flag.objects.update(cleared_at=at(10))
    told(world, 2, due=at(900))
    inbox = browser_of(world.operations).get(reverse("inbox") + "?view=all").context["inbox"]
    assert [group.order.coi for group in inbox.groups] == ["CO-2", "CO-1"]
    raised = browser_of(world.operations).get(reverse("handover")).context["report"].raised
    assert [change.flag.order.coi for change in raised] == ["CO-2", "CO-1"]
