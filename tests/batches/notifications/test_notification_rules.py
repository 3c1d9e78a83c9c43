"""Who is told of a flip, by which way, and who next: rules without a database."""

from datetime import UTC, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from batches.flags.statuses import FlagChangeKind
from batches.judgement.statuses import FlagCode, Harm, Severity
from batches.notifications.rules.notifications import (
    Around,
    Delivery,
    Escalation,
    Flip,
    Member,
    Reader,
    ToldPerson,
    audience,
    tell,
)
from batches.notifications.rules.quiet_hours import QuietHours, after_quiet, next_digest
from batches.notifications.statuses import NotificationKind
from supplychain.people.statuses import Role

NOW = datetime(2026, 3, 2, 8, 20, tzinfo=UTC)
PLANT, OSLO, BERGEN = UUID(int=1), UUID(int=2), UUID(int=3)
OPS, QA, COORDINATOR, ADMIN, STRANGER = (UUID(int=number) for number in range(11, 16))
MEMBERS = (
    Member(UUID(int=21), OPS, PLANT, Role.OPERATIONS),
    Member(UUID(int=22), QA, PLANT, Role.QA),
    Member(UUID(int=23), COORDINATOR, OSLO, Role.SITE_COORDINATOR),
    Member(UUID(int=24), ADMIN, PLANT, Role.ADMINISTRATOR),
    Member(UUID(int=25), STRANGER, BERGEN, Role.SITE_COORDINATOR),
)
RAISED, ESCALATED = NotificationKind.RAISED, NotificationKind.ESCALATED
OSLO_ZONE = ZoneInfo("Europe/Oslo")


def a_flip(**given) -> Flip:
    values = {
        "change_id": UUID(int=90), "kind": FlagChangeKind.RAISED, "severity": Severity.CRITICAL, "told_at": None,
        "steps_done": 0, "flag_id": UUID(int=91), "code": FlagCode.HOLD_EXPIRING, "order_id": UUID(int=92),
        "plant": PLANT, "centres": frozenset({OSLO}), "is_current": True, "is_acknowledged": False,
    }  # fmt: skip
    return Flip(**(values | given))


def around(members=MEMBERS, *, readers=None, **given) -> Around:
    usual = {member.person: Reader() for member in MEMBERS}
    return Around(members, usual | (readers or {}), **given)


def people(telling) -> dict:
    return {one.person: (one.role, one.kind, one.email_due_at) for one in telling.deliveries}


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (FlagCode.HOLD_EXPIRING, {OPS, COORDINATOR}),
        (FlagCode.STAGE_LATE, {OPS, COORDINATOR}),
        (FlagCode.PROMISE_AT_RISK, {OPS, COORDINATOR}),
        (FlagCode.SILENT, {OPS, COORDINATOR}),
        (FlagCode.OUT_OF_SEQUENCE, {OPS, QA}),
        (FlagCode.STAGE_FAILED, {OPS, QA, COORDINATOR}),
        (FlagCode.ON_HOLD, {OPS, QA, COORDINATOR}),
        (FlagCode.CHANGE_ASKED, {OPS, COORDINATOR}),
        (FlagCode.IDENTITY_SHARED, {OPS, QA, COORDINATOR}),
        (FlagCode.EVALUATION_FAILED, {OPS, ADMIN}),
    ],
)
def test_each_rule_has_its_audience_and_no_other_site(code, told):
    assert set(audience(a_flip(code=code), around())) == told


@pytest.mark.parametrize(
    ("harm", "is_told"), [(Harm.DOSE_TO_STOP, True), (Harm.DOSE_IN_DOUBT, True), (Harm.FAILED, False)]
)
@pytest.mark.parametrize("code", [FlagCode.OUT_OF_SEQUENCE, FlagCode.NOT_ENTITLED])
def test_where_a_dose_in_doubt_is_its_coordinators_are_told_whatever_says_so(code, harm, is_told):
    elsewhere = Member(UUID(int=27), UUID(int=16), UUID(int=4), Role.SITE_COORDINATOR)
    flip = a_flip(code=code, harm=harm, bedside=OSLO, centres=frozenset({OSLO, elsewhere.site}))
    them = around((*MEMBERS, elsewhere), readers={elsewhere.person: Reader()})
    assert set(audience(flip, them)) == {OPS, QA} | ({COORDINATOR} if is_told else set())
    muted = {COORDINATOR: Reader(muted=frozenset({MEMBERS[2].id}))}
    assert (COORDINATOR in audience(flip, around(readers=muted))) is is_told


@pytest.mark.parametrize("severity", Severity)
def test_whoever_may_be_the_second_person_about_a_report_is_told_of_it(severity):
    flip = a_flip(code=FlagCode.OUT_OF_SEQUENCE, severity=severity, asks_centre=True)
    assert set(audience(flip, around())) == {OPS, QA, COORDINATOR}
    muted = {COORDINATOR: Reader(muted=frozenset({MEMBERS[2].id}))}
    assert set(audience(flip, around(readers=muted))) == {OPS, QA}


def test_a_critical_flag_is_mailed_at_once_and_its_escalation_begins():
    told = tell(a_flip(), around(), NOW)
    assert people(told) == {
        OPS: (Role.OPERATIONS, RAISED, NOW), COORDINATOR: (Role.SITE_COORDINATOR, RAISED, NOW),
    }  # fmt: skip
    assert (told.next_at, told.closes) == (NOW + timedelta(minutes=30), False)


def test_what_can_wait_comes_in_the_digest_and_never_escalates():
    told = tell(a_flip(severity=Severity.ATTENTION), around(), NOW)
    assert {one.email_due_at for one in told.deliveries} == {datetime(2026, 3, 2, 9, tzinfo=UTC)}
    assert told.next_at is None


@pytest.mark.parametrize(
    ("reader", "severity", "due"),
    [
        (Reader(has_address=False), Severity.CRITICAL, None),
        (Reader(email_critical=False), Severity.CRITICAL, None),
        (Reader(email_attention=False), Severity.ATTENTION, None),
        (Reader(email_attention=False), Severity.CRITICAL, NOW),
        (Reader(quiet_from=time(8), quiet_to=time(12)), Severity.CRITICAL, NOW),
        (Reader(quiet_from=time(8), quiet_to=time(12)), Severity.ATTENTION, datetime(2026, 3, 2, 12, tzinfo=UTC)),
        (Reader(digest_minutes=1440), Severity.ATTENTION, datetime(2026, 3, 3, 7, tzinfo=UTC)),
        (Reader(digest_minutes=240), Severity.ATTENTION, datetime(2026, 3, 2, 11, tzinfo=UTC)),
        (Reader(digest_minutes=15), Severity.ATTENTION, datetime(2026, 3, 2, 8, 30, tzinfo=UTC)),
    ],
)
def test_each_person_says_what_is_mailed(reader, severity, due):
    told = tell(a_flip(severity=severity), around(readers={OPS: reader}), NOW)
    assert people(told)[OPS] == (Role.OPERATIONS, RAISED, due)


def test_a_muted_role_hears_nothing_unless_nobody_else_is_left():
    muted = {OPS: Reader(muted=frozenset({MEMBERS[0].id})), COORDINATOR: Reader(muted=frozenset({MEMBERS[2].id}))}
    assert set(audience(a_flip(), around(readers={OPS: muted[OPS]}))) == {COORDINATOR}
    assert set(audience(a_flip(), around(readers=muted))) == {OPS, QA, ADMIN}
    assert audience(a_flip(severity=Severity.ATTENTION), around(readers=muted)) == {}


def test_a_plant_without_operations_still_has_somebody_told():
    assert set(audience(a_flip(code=FlagCode.EVALUATION_FAILED), around(MEMBERS[1:3]))) == {QA}
    assert set(audience(a_flip(code=FlagCode.EVALUATION_FAILED), around(MEMBERS[2:3]))) == {COORDINATOR}


def test_a_person_with_two_roles_is_told_once():
    both = (*MEMBERS, Member(UUID(int=26), OPS, OSLO, Role.SITE_COORDINATOR))
    assert audience(a_flip(), around(both)) == {OPS: Role.OPERATIONS, COORDINATOR: Role.SITE_COORDINATOR}


def test_a_flip_that_was_overtaken_is_kept_without_asking_for_anything():
    told = tell(a_flip(is_current=False), around(), NOW)
    assert list(told.deliveries) == [
        Delivery(person, role, RAISED, None, is_closed=True)
        for person, role in ((COORDINATOR, Role.SITE_COORDINATOR), (OPS, Role.OPERATIONS))
    ]
    assert told.next_at is None


def test_whoever_heard_of_the_alarm_hears_of_its_end():
    told = [ToldPerson(OPS, Role.OPERATIONS, mailed=True), ToldPerson(QA, Role.QA, mailed=False)]
    end = tell(a_flip(kind=FlagChangeKind.CLEARED, is_current=False), around(told=told), NOW)
    digest = datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert people(end) == {
        OPS: (Role.OPERATIONS, NotificationKind.CLEARED, digest), QA: (Role.QA, NotificationKind.CLEARED, None),
    }  # fmt: skip
    assert end.closes
    eased = tell(a_flip(kind=FlagChangeKind.SEVERITY_CHANGED, severity=Severity.ATTENTION), around(told=told), NOW)
    assert {one.kind for one in eased.deliveries} == {NotificationKind.EASED}
    assert not eased.closes


def test_the_next_role_is_told_step_by_step():
    first = tell(a_flip(told_at=NOW), around(), NOW)
    assert people(first) == {QA: (Role.QA, ESCALATED, NOW)}
    assert (first.next_at, first.steps_done) == (NOW + timedelta(minutes=30), 1)
    second = tell(a_flip(told_at=NOW, steps_done=1), around(), NOW)
    assert people(second) == {ADMIN: (Role.ADMINISTRATOR, ESCALATED, NOW)}
    assert second.next_at is None


@pytest.mark.parametrize("given", [{"is_current": False}, {"is_acknowledged": True}])
def test_clearing_and_acknowledging_stop_the_escalation(given):
    told = tell(a_flip(told_at=NOW, **given), around(), NOW)
    assert (list(told.deliveries), told.next_at) == ([], None)


def test_a_role_that_nobody_has_is_passed_over_at_once():
    told = tell(a_flip(told_at=NOW), around(MEMBERS[3:]), NOW)
    assert (people(told), told.steps_done) == ({ADMIN: (Role.ADMINISTRATOR, ESCALATED, NOW)}, 2)


def test_a_plant_may_have_a_chain_of_its_own():
    chain = (Escalation(5, Role.ADMINISTRATOR),)
    assert tell(a_flip(), around(chain=chain), NOW).next_at == NOW + timedelta(minutes=5)
    assert set(people(tell(a_flip(told_at=NOW), around(chain=chain), NOW))) == {ADMIN}


@pytest.mark.parametrize(
    ("clock", "quiet"),
    [("21:59", False), ("22:00", True), ("00:00", True), ("05:59", True), ("06:00", False), ("12:00", False)],
)
def test_quiet_hours_go_over_midnight(clock, quiet):
    assert QuietHours(time(22), time(6)).hold(time.fromisoformat(clock)) is quiet


@pytest.mark.parametrize(
    ("start", "end", "moment", "until"),
    [
        # Oslo is an hour ahead of UTC in winter.
        ("22:00", "06:00", "2026-01-10T22:30", "2026-01-11T05:00"),
        ("22:00", "06:00", "2026-01-11T04:30", "2026-01-11T05:00"),
        ("22:00", "06:00", "2026-01-11T05:00", "2026-01-11T05:00"),
        ("12:00", "14:00", "2026-01-11T12:10", "2026-01-11T13:00"),
        # 29 March 2026: 02:00 becomes 03:00; six o'clock comes an hour earlier, half past two never.
        ("22:00", "06:00", "2026-03-28T23:00", "2026-03-29T04:00"),
        ("22:00", "02:30", "2026-03-28T23:00", "2026-03-29T01:30"),
        # 25 October 2026: 03:00 becomes 02:00; half past two comes twice.
        ("22:00", "06:00", "2026-10-24T22:00", "2026-10-25T05:00"),
        ("22:00", "02:30", "2026-10-24T22:00", "2026-10-25T00:30"),
        ("22:00", "02:30", "2026-10-25T01:10", "2026-10-25T01:30"),
    ],
)
def test_quiet_hours_end_by_the_clock_on_the_wall(start, end, moment, until):
    quiet = QuietHours(time.fromisoformat(start), time.fromisoformat(end))
    given, expected = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (moment, until))
    assert after_quiet(given, quiet, OSLO_ZONE) == expected


@pytest.mark.parametrize("minutes", [15, 60, 240, 1440])
@pytest.mark.parametrize("day", [datetime(2026, 3, 28, 20, tzinfo=UTC), datetime(2026, 10, 24, 20, tzinfo=UTC)])
def test_a_digest_is_always_ahead_and_never_far(minutes, day):
    for step in range(0, 720, 7):
        moment = day + timedelta(minutes=step)
        ahead = next_digest(moment, minutes, OSLO_ZONE) - moment
        assert timedelta(0) < ahead <= timedelta(minutes=minutes + 60)
