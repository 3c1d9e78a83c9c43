"""Telling people of flips: once each, whatever happens twice, and the next role when nobody acknowledges."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection, transaction

from batches.flags.actions.people import acknowledge_flag
from batches.flags.models import Flag, FlagChange
from batches.flags.statuses import FlagChangeKind
from batches.judgement.statuses import FlagCode, Severity
from batches.notifications.actions import notifications
from batches.notifications.actions.escalations import add_escalation_step, remove_escalation_step
from batches.notifications.actions.notifications import (
    forget_old_notifications,
    mark_read,
    tell_due_flips,
)
from batches.notifications.models import Notification, PendingFlip
from batches.notifications.statuses import NotificationKind
from supplychain.people.models import Membership
from supplychain.people.statuses import Role
from tests.dashboards.builders import TowerWorld, raise_flag
from tests.supplychain.builders import at, make_user

CRITICAL = Severity.CRITICAL


@pytest.fixture
def world(db) -> TowerWorld:
    return TowerWorld()


def told() -> list[tuple[str, str, bool]]:
    """(person, kind, whether it still waits) of every message, sorted."""
    rows = Notification.objects.order_by("person__username", "kind").select_related("person")
    return [(one.person.username, one.kind, one.closed_at is None) for one in rows]


def flip(flag: Flag, kind: FlagChangeKind, hours: float, severity: str = CRITICAL) -> None:
    """The flag changes as the judgement would change it."""
    flag.severity, flag.cleared_at = severity, at(hours) if kind == FlagChangeKind.CLEARED else None
    if kind == FlagChangeKind.RAISED_AGAIN:
        flag.acknowledged_at, flag.acknowledged_by = None, ""
    flag.save()
    FlagChange.objects.create(flag=flag, kind=kind, severity=severity, changed_at=at(hours), why=flag.why)


@pytest.mark.django_db
def test_a_flip_reaches_the_plant_and_the_centre_and_nobody_else(world):
    raise_flag(world.order(), severity=CRITICAL)
    assert tell_due_flips(now=at(10)) == 1
    assert told() == [("coordinator", "raised", True), ("operations", "raised", True)]


@pytest.mark.django_db
def test_an_event_of_a_flag_reaches_those_people_through_the_judgement(world):
    from batches.flags.actions.evaluation import evaluate_due_orders

    order = world.order()
    world.say(order, "started", "collection", 1)
    world.say(order, "failed", "collection", 2)
    evaluate_due_orders(now=at(3))
    raised = Flag.objects.filter(cleared_at=None).count()
    assert tell_due_flips(now=at(3)) == raised >= 1
    assert Notification.objects.filter(flag__code=FlagCode.STAGE_FAILED).count() == 2


@pytest.mark.django_db
def test_the_same_flip_told_twice_makes_one_message(world):
    flag = raise_flag(world.order(), severity=CRITICAL)
    tell_due_flips(now=at(10))
    PendingFlip.objects.update(told_at=None, due_at=at(10))  # as if the end of the first round had been lost
    tell_due_flips(now=at(11))
    assert Notification.objects.filter(flag=flag).count() == 2


@pytest.mark.django_db
def test_what_people_do_with_a_flag_is_no_news(world):
    flag = raise_flag(world.order(), severity=CRITICAL)
    tell_due_flips(now=at(10))
    acknowledge_flag(flag.pk, by=world.operations, person="Ola", comment="On it.", now=at(10.1))
    assert tell_due_flips(now=at(10.2)) == 0
    assert Notification.objects.get(person=world.operations).read_at == at(10.1)
    assert Notification.objects.get(person=world.coordinator).read_at is None


@pytest.mark.django_db
def test_nobody_acknowledges_so_the_next_roles_are_told(world):
    qa, administrator = (
        make_user("qa", world.plant, role=Role.QA),
        make_user("zadmin", world.plant, role="administrator"),
    )
    raise_flag(world.order(), severity=CRITICAL)
    tell_due_flips(now=at(10))
    assert tell_due_flips(now=at(10.49)) == 0
    assert tell_due_flips(now=at(10.5)) == 1
    assert tell_due_flips(now=at(10.6)) == 0
    assert tell_due_flips(now=at(11)) == 1
    assert told()[2:] == [(qa.username, "escalated", True), (administrator.username, "escalated", True)]
    assert PendingFlip.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("end", ["acknowledged", "cleared", "eased"])
def test_the_escalation_stops(world, end):
    make_user("qa", world.plant, role=Role.QA)
    flag = raise_flag(world.order(), severity=CRITICAL)
    tell_due_flips(now=at(10))
    if end == "acknowledged":
        acknowledge_flag(flag.pk, by=world.operations, person="Ola", comment="On it.", now=at(10.2))
    elif end == "cleared":
        flip(flag, FlagChangeKind.CLEARED, 10.2)
    else:
        flip(flag, FlagChangeKind.SEVERITY_CHANGED, 10.2, Severity.ATTENTION)
    tell_due_flips(now=at(20))
    assert not Notification.objects.filter(kind=NotificationKind.ESCALATED).exists()
    assert PendingFlip.objects.count() == 0


@pytest.mark.django_db
def test_a_flag_raised_again_escalates_once(world):
    make_user("qa", world.plant, role=Role.QA)
    flag = raise_flag(world.order(), severity=CRITICAL)
    tell_due_flips(now=at(10))
    flip(flag, FlagChangeKind.RAISED_AGAIN, 10.2)
    tell_due_flips(now=at(10.2))
    tell_due_flips(now=at(10.9))
    assert Notification.objects.filter(kind=NotificationKind.ESCALATED).count() == 1


@pytest.mark.django_db
def test_a_plant_sets_its_own_chain_and_may_go_back_to_the_usual_one(world):
    step = add_escalation_step(world.plant, role=Role.ADMINISTRATOR, after_minutes=5, reason="Agreed", by=None)
    raise_flag(world.order(), severity=CRITICAL)
    tell_due_flips(now=at(10))
    assert PendingFlip.objects.get().due_at == at(10) + timedelta(minutes=5)
    remove_escalation_step(step, reason="Agreed", by=None)
    raise_flag(world.order(coi="CO-2"), severity=CRITICAL)
    tell_due_flips(now=at(10))
    assert PendingFlip.objects.order_by("due_at").last().due_at == at(10) + timedelta(minutes=30)


@pytest.mark.django_db
def test_clearing_closes_what_was_said_and_tells_whoever_heard_the_alarm(world):
    flag = raise_flag(world.order(), severity=CRITICAL)
    tell_due_flips(now=at(10))
    flip(flag, FlagChangeKind.CLEARED, 12)
    tell_due_flips(now=at(12))
    assert told() == [
        ("coordinator", "cleared", True), ("coordinator", "raised", False),
        ("operations", "cleared", True), ("operations", "raised", False),
    ]  # fmt: skip


@pytest.mark.django_db
def test_what_came_and_went_before_anybody_was_told_asks_nothing_of_anybody(world):
    flag = raise_flag(world.order(), severity=CRITICAL)
    flip(flag, FlagChangeKind.CLEARED, 12)
    tell_due_flips(now=at(13))
    assert told() == [("coordinator", "raised", False), ("operations", "raised", False)]
    assert not Notification.objects.exclude(email_due_at=None).exists()


@pytest.mark.django_db
def test_people_who_left_are_not_told(world):
    world.operations.is_active = False
    world.operations.save()
    Membership.objects.filter(user=world.coordinator).delete()
    raise_flag(world.order(), severity=CRITICAL)
    tell_due_flips(now=at(10))
    assert told() == []


@pytest.mark.django_db
@pytest.mark.parametrize("flags", [1, 3])
def test_telling_costs_the_same_for_one_flip_and_for_three(world, django_assert_num_queries, flags):
    for number in range(flags):
        raise_flag(world.order(coi=f"CO-{number}"), severity=CRITICAL)
    # Savepoint and its release: 2. Lock, flips, members, readers, chains: 5. Messages; when to look again: 2.
    with django_assert_num_queries(9):
        assert tell_due_flips(now=at(10)) == flags


@pytest.mark.django_db
def test_a_flip_that_cannot_be_told_stops_no_other(world, monkeypatch):
    bad = raise_flag(world.order(), severity=CRITICAL)
    raise_flag(world.order(coi="CO-2"), severity=CRITICAL)
    tell = notifications.tell

    def tell_or_break(one, *rest):
        if one.flag_id == bad.pk:
            raise ZeroDivisionError
        return tell(one, *rest)

    monkeypatch.setattr(notifications, "tell", tell_or_break)
    tell_due_flips(now=at(10))
    assert Notification.objects.exclude(flag=bad).count() == 2
    monkeypatch.undo()
    assert tell_due_flips(now=at(10.01)) == 0
    tell_due_flips(now=at(10.1))
    assert Notification.objects.filter(flag=bad).count() == 2


@pytest.mark.django_db
def test_only_what_a_person_saw_is_marked_as_read(world):
    first = world.order()
    raise_flag(first, severity=CRITICAL)
    tell_due_flips(now=at(10))
    seen = Notification.objects.filter(person=world.operations).latest("pk").pk
    raise_flag(world.order(coi="CO-2"), severity=CRITICAL)
    tell_due_flips(now=at(10))
    assert mark_read(by=world.operations, until=seen, now=at(11)) == 1
    assert list(Notification.objects.filter(read_at=at(11)).values_list("order", "person")) == [
        (first.pk, world.operations.pk)
    ]


@pytest.mark.django_db
def test_old_messages_are_forgotten_once_they_are_done(world):
    raise_flag(world.order(), severity=CRITICAL)
    tell_due_flips(now=at(10))
    mark_read(by=world.operations, until=Notification.objects.latest("pk").pk, now=at(11))
    assert forget_old_notifications(now=at(10) + timedelta(days=179)) == 0
    assert forget_old_notifications(now=at(10) + timedelta(days=181)) == 1
    assert [name for name, *_ in told()] == ["coordinator"]


@pytest.fixture
def crowd(transactional_db) -> TowerWorld:
    """Twenty critical flags that nobody was told of."""
    world = TowerWorld()
    for number in range(20):
        raise_flag(world.order(coi=f"CO-{number}"), severity=CRITICAL)
    return world


def test_any_number_of_workers_tell_each_person_once(crowd):
    barrier = Barrier(4)

    def work() -> None:
        """Who finds another worker at it asks again, as beat does, until nothing is left."""
        try:
            barrier.wait(10)
            while PendingFlip.objects.filter(told_at=None).exists():
                tell_due_flips(now=at(10), limit=3)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(work) for _ in range(4)]:
            done.result(60)
    assert Notification.objects.count() == 40
    assert PendingFlip.objects.filter(told_at=None).count() == 0


def test_a_worker_killed_in_the_middle_leaves_everything_to_the_next(crowd):
    class Killed(BaseException):
        pass

    @transaction.atomic
    def die_halfway() -> None:
        tell_due_flips(now=at(10))
        raise Killed

    with pytest.raises(Killed):
        die_halfway()
    assert Notification.objects.count() == 0
    assert tell_due_flips(now=at(10)) == 20
    assert Notification.objects.count() == 40
