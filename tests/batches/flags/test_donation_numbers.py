"""A donation number that a system reported is kept whatever it is, and flagged where it may be another patient's."""

import pytest

from batches.flags.models import Flag
from batches.flags.rules.judging import judge
from batches.judgement.rules.facts import DonationNumber
from batches.judgement.statuses import FlagCode, Harm, Severity
from supplychain.identifiers.rules.donation_numbers import check_character
from supplychain.orders.actions.events import Reporter, record_event
from supplychain.orders.models import DueMark, PatientOrder, StatusEvent
from supplychain.orders.statuses import OrderStatus
from supplychain.people.statuses import Role
from supplychain.sites.actions import change_site
from supplychain.sites.models import Site
from tests.batches.builders import an_order, completed
from tests.batches.judging import evaluate, make_due, raised
from tests.supplychain.builders import World, at, make_user, report

ATTENTION, CRITICAL = Severity.ATTENTION, Severity.CRITICAL
RIGHT, FOREIGN = "G123417654321", "Z999917654321"
NUMBERS = {
    "as it should be": (RIGHT, None),
    "with a check character that fits": (f"G1234 17 654321 {check_character(RIGHT)}", None),
    "as scanned": ("=G12341765432100", None),
    "of another form": ("12345", ATTENTION),
    "in small letters of another form": ("bag-a", ATTENTION),
    "too short": ("G12341765432", ATTENTION),
    "with a letter that ISBT 128 does not have": ("O123417654321", ATTENTION),
    "with a check character that does not fit": ("G1234 17 654321 0", CRITICAL),
    "scanned with check digits that do not fit": ("=G12341765432199", CRITICAL),
    "scanned and cut off": ("=G12341765", CRITICAL),
    "of another facility": (FOREIGN, CRITICAL),
}


@pytest.fixture
def world(db) -> World:
    world = World()
    Site.objects.filter(pk=world.oslo.pk).update(facilities=["G1234", "G1235"])
    return world


@pytest.fixture
def coordinator(world) -> Reporter:
    return Reporter.of_user(make_user("cora", world.oslo, role=Role.SITE_COORDINATOR))


def say(world: World, order: PatientOrder, number: str, hours: float, kind: str = "note", **more: str) -> None:
    said = report(order, kind, "collection", hours, payload={"donation_number": number, **more})
    assert record_event(said, by=world.reporter, now=at(hours)).outcome == "created"


def doubts(order: PatientOrder, hours: float) -> list[str]:
    make_due([order], hours)
    evaluate(hours)
    return [severity for code, _, severity in raised(order) if code == FlagCode.DONATION_NUMBER]


@pytest.mark.parametrize(("number", "severity"), NUMBERS.values(), ids=NUMBERS)
@pytest.mark.parametrize("kind", ["completed", "note"])
def test_what_a_system_says_is_kept_and_flagged_where_it_is_in_doubt(world, number, severity, kind):
    order = world.order()
    say(world, order, number, 1, kind)
    assert doubts(order, 3) == ([severity] if severity else [])


def test_the_flag_says_which_number_why_and_what_to_do(world):
    order = world.order()
    say(world, order, FOREIGN, 1, "completed")
    assert doubts(order, 3) == [CRITICAL]
    flag = Flag.objects.get(code=FlagCode.DONATION_NUMBER)
    assert (flag.subject, flag.harm) == (FOREIGN, Harm.IDENTITY)
    assert flag.why == (
        f"“{FOREIGN}” was given by facility Z9999, the collection centre is G1234 or G1235: is this the right "
        "patient's bag?"
    )
    assert "QA: use no material until" in flag.next_step


def test_where_the_facilities_of_the_centre_are_not_known_every_facility_is_as_good(world):
    Site.objects.filter(pk=world.oslo.pk).update(facilities=[])
    order = world.order()
    say(world, order, FOREIGN, 1)
    assert doubts(order, 3) == []


def test_the_right_number_clears_it(world):
    order = world.order()
    say(world, order, FOREIGN, 1, "completed")
    assert doubts(order, 3) == [CRITICAL]
    say(world, order, RIGHT, 4)
    assert doubts(order, 6) == []


def test_the_facility_in_the_administration_clears_it(world):
    order = world.order()
    say(world, order, FOREIGN, 1, "completed")
    assert doubts(order, 3) == [CRITICAL]
    Site.objects.filter(pk=world.oslo.pk).update(facilities=["G1234", "Z9999"])
    assert doubts(order, 4) == []


def test_a_flag_that_the_administration_cleared_says_who_did_and_how(world):
    order, boss = world.order(), make_user("boss", world.oslo, role=Role.ADMINISTRATOR)
    say(world, order, FOREIGN, 1, "completed")
    assert doubts(order, 3) == [CRITICAL]
    known = {"name": "Oslo", "time_zone": "UTC", "is_active": True, "reason": "New label", "by": boss}
    world.oslo.refresh_from_db()
    DueMark.objects.all().delete()
    change_site(world.oslo, facilities=["G1234", "G1235", "Z9999"], **known)
    assert DueMark.objects.filter(order=order).exists()  # judged at once, whatever else was to come
    assert doubts(order, 4) == []
    cleared = Flag.objects.get(order=order, code="donation_number").changes.get(kind="cleared")
    assert cleared.why.startswith(
        "Cleared by boss: facility numbers of Oslo changed from G1234, G1235 to G1234, G1235, Z9999. Until then: "
    )


def test_a_flag_that_a_report_cleared_names_no_administrator(world):
    order = world.order()
    say(world, order, FOREIGN, 1, "completed")
    assert doubts(order, 3) == [CRITICAL]
    say(world, order, RIGHT, 4)
    assert doubts(order, 6) == []
    cleared = Flag.objects.get(order=order, code="donation_number").changes.get(kind="cleared")
    assert cleared.why.startswith("Until then: ")


def test_a_person_who_says_why_it_is_right_settles_it_until_that_is_withdrawn(world, coordinator):
    order, second = world.order(), Reporter.of_user(make_user("carl", world.oslo, role=Role.SITE_COORDINATOR))
    say(world, order, "12345", 1, "completed")
    reasoned = {"donation_number": "12345", "donation_reason": "Old labels until May"}
    row = report(order, "note", "collection", 4, payload=reasoned)
    assert record_event(row, by=coordinator, now=at(5)).outcome == "created"
    assert doubts(order, 6) == []
    taken_back = {"event": str(StatusEvent.objects.get(user=coordinator.user).pk), "reason": "Not so."}
    for hours, by in ((7, coordinator), (8, second)):
        record_event(report(order, "withdrawn", "collection", hours, payload=taken_back), by=by, now=at(hours))
    assert doubts(order, 9) == [ATTENTION]


def test_a_systems_own_reason_settles_nothing(world):
    order = world.order()
    say(world, order, "12345", 1, "completed", donation_reason="because")
    assert doubts(order, 3) == [ATTENTION]


def test_a_person_is_told_at_once_that_a_number_was_misread(world, coordinator):
    said = report(world.order(), "completed", "collection", 1, payload={"donation_number": "G1234 17 654321 0"})
    answer = record_event(said, by=coordinator, now=at(2))
    assert answer.reason.startswith("payload.donation_number: The check character at its end does not fit")


@pytest.mark.parametrize(
    ("status", "is_given", "found"),
    [(OrderStatus.CLOSED, True, True), (OrderStatus.CANCELLED, True, False), (OrderStatus.CLOSED, False, False)],
)
def test_of_an_ended_order_it_counts_if_the_dose_was_given(status, is_given, found):
    runs = [completed("infusion")] if is_given else []
    order = an_order(*runs, status=status, donations=(DonationNumber(FOREIGN, at(1), ["G1234"]),))
    harms = [one.harm for one in judge(order, at(5)).findings if one.code == FlagCode.DONATION_NUMBER]
    assert harms == [Harm.DOSE_IN_DOUBT] * found
