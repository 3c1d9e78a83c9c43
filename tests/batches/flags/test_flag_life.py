"""What people do with flags, and what the rules then undo."""

import pytest

from batches.flags.actions.evaluation import evaluate_due_orders
from batches.flags.actions.people import FlagActionRefused, acknowledge_flag, take_on_flag
from batches.flags.models import Flag, FlagChange
from batches.flags.statuses import FlagChangeKind
from batches.judgement.statuses import FlagCode, Severity
from supplychain.ids import new_id
from supplychain.orders.models import PatientOrder, StatusEvent
from supplychain.people.models import User
from supplychain.recording.actions import withdraw_report
from tests.batches.lines.builders import PoolWorld
from tests.supplychain.builders import at, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> PoolWorld:
    return PoolWorld()


@pytest.fixture
def person(world) -> User:
    return make_user("ana", world.plant)


@pytest.fixture
def order(world) -> PatientOrder:
    return world.arrived(20)


@pytest.fixture
def flag(order) -> Flag:
    """A selection that has waited half of what is permitted."""
    evaluate_due_orders(now=at(44))
    return Flag.objects.get(order=order)


def acknowledged(flag: Flag) -> tuple[object, str, str]:
    flag.refresh_from_db()
    return flag.acknowledged_at, flag.acknowledged_by, flag.comment


def flips(flag: Flag) -> list[tuple[str, str, str]]:
    changes = FlagChange.objects.filter(flag=flag).order_by("changed_at", "id")
    return list(changes.values_list("kind", "person", "comment"))


def test_a_person_acknowledges_with_a_comment_and_both_are_kept(flag, person):
    acknowledge_flag(flag.pk, by=person, person="Ana Lima", comment="  Suite 2 is free at noon. ", now=at(45))

    assert acknowledged(flag) == (at(45), "Ana Lima", "Suite 2 is free at noon.")
    assert flips(flag)[1:] == [(FlagChangeKind.ACKNOWLEDGED, "Ana Lima", "Suite 2 is free at noon.")]
    change = FlagChange.objects.get(flag=flag, kind=FlagChangeKind.ACKNOWLEDGED)
    assert (change.user, change.source, change.severity, change.why) == (person, None, flag.severity, flag.why)


def test_a_system_acknowledges_for_a_person_of_its_own(flag, world):
    berg = make_user("berg", world.oslo)
    acknowledge_flag(flag.pk, by=berg, source=world.source, person="Dr Berg", comment="Seen in the ward.", now=at(45))

    change = FlagChange.objects.get(flag=flag, kind=FlagChangeKind.ACKNOWLEDGED)
    assert (change.user, change.source, change.person) == (berg, world.source, "Dr Berg")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"comment": "  "}, "Write a comment"),
        ({"comment": "x" * 501}, "The comment has 501 characters; use at most 500."),
        ({"person": ""}, "Write a name"),
        ({"person": "x" * 151}, "The name has 151 characters; use at most 150."),
    ],
)
def test_an_acknowledgement_without_a_name_or_a_comment_is_refused(flag, person, given, message):
    with pytest.raises(FlagActionRefused, match=message):
        acknowledge_flag(flag.pk, by=person, now=at(45), **({"person": "Ana", "comment": "Seen."} | given))

    assert acknowledged(flag) == (None, "", "")
    assert len(flips(flag)) == 1


def test_a_flag_that_is_no_longer_raised_cannot_be_acknowledged_or_taken_on(flag, world, order, person):
    world.tell(order, ("selection", "started", 45))
    evaluate_due_orders(now=at(45))

    with pytest.raises(FlagActionRefused, match="has been cleared meanwhile"):
        acknowledge_flag(flag.pk, by=person, person="Ana", comment="Seen.", now=at(46))
    with pytest.raises(FlagActionRefused, match="has been cleared meanwhile"):
        take_on_flag(flag.pk, by=person, now=at(46))


def test_a_flag_that_never_was_is_refused(person):
    with pytest.raises(FlagActionRefused, match="no such flag"):
        take_on_flag(new_id(), by=person, now=at(46))


def test_a_flag_has_one_owner_and_every_hand_over_is_kept(flag, person, world):
    other = make_user("ben", world.plant)

    for who in (person, person, other):
        take_on_flag(flag.pk, by=who, now=at(45))

    flag.refresh_from_db()
    assert flag.owner == other
    assert flips(flag)[1:] == [(FlagChangeKind.TAKEN_ON, "ana", ""), (FlagChangeKind.TAKEN_ON, "ben", "")]


def test_an_acknowledgement_outlives_another_judgement(flag, person):
    acknowledge_flag(flag.pk, by=person, person="Ana", comment="Seen.", now=at(44.5))

    evaluate_due_orders(now=at(45))

    assert acknowledged(flag) == (at(44.5), "Ana", "Seen.")


def test_a_flag_that_becomes_critical_wants_to_be_acknowledged_anew_and_keeps_its_owner(flag, person):
    acknowledge_flag(flag.pk, by=person, person="Ana", comment="Seen.", now=at(45))
    take_on_flag(flag.pk, by=person, now=at(45))

    evaluate_due_orders(now=at(58.4))

    assert (acknowledged(flag), flag.severity, flag.owner) == ((None, "", ""), Severity.CRITICAL, person)


def test_a_flag_that_comes_back_wants_to_be_acknowledged_anew_and_keeps_its_owner(person, world, order):
    world.tell(order, ("selection", "held", 21))
    evaluate_due_orders(now=at(21))
    flag = Flag.objects.get(order=order)
    acknowledge_flag(flag.pk, by=person, person="Ana", comment="Seen.", now=at(22))
    take_on_flag(flag.pk, by=person, now=at(22))
    world.tell(order, ("selection", "resumed", 23))
    evaluate_due_orders(now=at(23))
    assert acknowledged(flag) == (at(22), "Ana", "Seen.")

    world.tell(order, ("selection", "held", 24))
    evaluate_due_orders(now=at(24))

    assert (acknowledged(flag), flag.cleared_at, flag.owner) == ((None, "", ""), None, person)
    assert [kind for kind, _, _ in flips(flag)] == [
        FlagChangeKind.RAISED, FlagChangeKind.ACKNOWLEDGED, FlagChangeKind.TAKEN_ON, FlagChangeKind.CLEARED,
        FlagChangeKind.RAISED_AGAIN,
    ]  # fmt: skip
    assert FlagChange.objects.get(flag=flag, kind=FlagChangeKind.CLEARED).why.startswith("Until then: Selection has")


@pytest.mark.parametrize(("hours", "stays"), [(47, True), (58.4, False)])
def test_a_flag_whose_clearing_report_is_withdrawn_keeps_what_was_said_of_it_unless_it_became_worse(
    flag, world, order, person, hours, stays
):
    acknowledge_flag(flag.pk, by=person, person="Ana", comment="Suite 2 is free at noon.", now=at(45))
    world.tell(order, ("selection", "started", 46))
    evaluate_due_orders(now=at(46))
    wrong = StatusEvent.objects.get(order=order, stage="selection")
    withdraw_report(wrong.pk, by=person, reason="Wrong order.", now=at(hours))
    evaluate_due_orders(now=at(hours))

    said = (at(45), "Ana", "Suite 2 is free at noon.") if stays else (None, "", "")
    assert (acknowledged(flag), flag.cleared_at) == (said, None)
    assert flips(flag)[-1] == (FlagChangeKind.RAISED_AGAIN, "", "")


def test_a_deadline_that_passes_must_be_acknowledged_anew_though_it_was_critical_before(flag, person):
    evaluate_due_orders(now=at(60))
    acknowledge_flag(flag.pk, by=person, person="Ana", comment="Seen.", now=at(60))
    evaluate_due_orders(now=at(67))
    assert acknowledged(flag) == (at(60), "Ana", "Seen.")

    evaluate_due_orders(now=at(68))

    assert (acknowledged(flag), flag.severity, flag.raised_at) == ((None, "", ""), Severity.CRITICAL, at(68))
    assert flips(flag)[-1] == (FlagChangeKind.RAISED_AGAIN, "", "")


def test_that_the_dose_was_given_must_be_acknowledged_anew(world, person, order):
    world.tell(
        order, ("selection", "started", 20), ("selection", "completed", 21), ("harvest", "started", 21),
        ("harvest", "completed", 22), ("release", "completed", 23), ("sterility", "failed", 24),
    )  # fmt: skip
    evaluate_due_orders(now=at(24))
    flag = Flag.objects.get(order=order, stage="sterility", code=FlagCode.STAGE_FAILED)
    acknowledge_flag(flag.pk, by=person, person="Ana", comment="Shipment stopped.", now=at(24))

    world.tell(order, ("infusion", "started", 25))
    evaluate_due_orders(now=at(25))

    assert (acknowledged(flag), flag.evidence["dose"]) == ((None, "", ""), "given")


def test_a_late_test_that_fails_after_the_order_was_closed_raises_a_flag(world, order):
    world.tell(
        order, ("selection", "started", 20), ("selection", "completed", 21), ("harvest", "started", 21),
        ("harvest", "completed", 22), ("release", "completed", 23), ("infusion", "completed", 24), ("", "closed", 25),
    )  # fmt: skip
    evaluate_due_orders(now=at(25))
    assert not Flag.objects.filter(order=order, cleared_at=None).exists()

    world.tell(order, ("sterility", "failed", 26))
    evaluate_due_orders(now=at(26))

    assert list(Flag.objects.filter(order=order, cleared_at=None).values_list("code", "stage", "severity")) == [
        (FlagCode.STAGE_FAILED, "sterility", Severity.CRITICAL)
    ]


def test_whoever_read_less_than_is_true_now_acknowledges_nothing(flag, person):
    seen = {"seen_severity": flag.severity, "seen_raised_at": flag.raised_at}
    evaluate_due_orders(now=at(60))
    with pytest.raises(FlagActionRefused, match="has become critical meanwhile: read it again"):
        acknowledge_flag(flag.pk, by=person, person="Ana", comment="Seen.", now=at(60), **seen)

    evaluate_due_orders(now=at(68))
    seen["seen_severity"] = Severity.CRITICAL
    with pytest.raises(FlagActionRefused, match="has been raised again meanwhile: read it again"):
        acknowledge_flag(flag.pk, by=person, person="Ana", comment="Seen.", now=at(68), **seen)

    assert acknowledged(flag) == (None, "", "")
