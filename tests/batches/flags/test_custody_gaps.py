"""What a gap of custody keeps back, who decides on it, and what of it comes to light after the end."""

from uuid import uuid4

import pytest

from batches.flags.actions.people import settle_flag
from batches.flags.models import Flag
from batches.flags.rules.gone_on import if_cleared
from batches.flags.rules.judging import judge
from batches.judgement.rules.facts import CustodyGap
from batches.judgement.statuses import FlagCode, Harm, Severity
from supplychain.custody.statuses import GapKind
from supplychain.orders.actions.events import record_event
from supplychain.orders.models import PatientOrder
from supplychain.orders.statuses import OrderStatus
from supplychain.people.statuses import Role
from tests.batches.builders import a_shared, an_order, completed, running
from tests.batches.flags.interlocked import TO_INFUSION, InterlockWorld, judged, refusal, say, told
from tests.supplychain.builders import at, make_user, report


@pytest.fixture
def world(db) -> InterlockWorld:
    return InterlockWorld()


def unwatched(world: InterlockWorld) -> PatientOrder:
    """An order of whose cells somebody gave some on that the plant held."""
    order = world.order()
    told(world, order, ("completed", "collection", 5), ("started", "inbound", 6), ("completed", "inbound", 30))
    stray = {"from": "infusion_site", "to": "courier"}
    record_event(report(order, "handed_over", hours=31, payload=stray), by=world.reporter, now=at(31))
    return order


def test_nobody_goes_on_until_quality_assurance_says_why_it_may(world):
    order = unwatched(world)
    judged(32)
    assert "was the last known to hold them" in refusal(order, world.operator, "started", "selection", 33)
    flag = Flag.objects.get(code=FlagCode.CUSTODY_GAP)
    settle_flag(flag.pk, by=world.quality, reason="The ward mistook the bag of another order.", now=at(34))
    judged(35)
    flag.refresh_from_db()
    assert (flag.harm, flag.cleared_at) == (Harm.SETTLED, None)
    assert "The ward mistook the bag" in flag.next_step
    say(order, world.operator, "started", "selection", 36, payload={"batch_number": "B1"})


@pytest.mark.parametrize("seals", [("intact", "broken"), ("broken", "intact")])
def test_a_broken_seal_is_critical_whichever_of_two_reports_of_a_hand_over_tells_it(world, seals):
    order = world.order()
    told(world, order, ("completed", "collection", 5), ("started", "inbound", 6), ("completed", "inbound", 30))
    for number, seal in enumerate(seals):
        said = {"from": "courier", "to": "plant", "seal": seal}
        record_event(report(order, "handed_over", "", 30 + number / 10, payload=said), by=world.reporter, now=at(31))
    judged(31)
    assert [one.severity for one in Flag.objects.filter(code=FlagCode.CUSTODY_GAP)] == [Severity.CRITICAL]


def test_packaging_found_damaged_at_a_hand_over_is_critical(world):
    order = world.order()
    told(world, order, ("completed", "collection", 5), ("started", "inbound", 6), ("completed", "inbound", 30))
    said = {"from": "courier", "to": "plant", "packaging": "damaged"}
    record_event(report(order, "handed_over", "", 30, payload=said), by=world.reporter, now=at(31))
    judged(31)
    [flag] = Flag.objects.filter(code=FlagCode.CUSTODY_GAP)
    assert (flag.severity, "The packaging was found damaged" in flag.why) == (Severity.CRITICAL, True)
    assert "The packaging was found damaged" in refusal(order, world.operator, "started", "selection", 33)


def test_a_settled_gap_is_settled_no_longer_once_its_seal_was_found_broken_too(world):
    order = unwatched(world)
    judged(32)
    settle_flag(Flag.objects.get(code=FlagCode.CUSTODY_GAP).pk, by=world.quality, reason="The right bag.", now=at(33))
    judged(34)
    assert Flag.objects.get(code=FlagCode.CUSTODY_GAP).harm == Harm.SETTLED
    second = {"from": "infusion_site", "to": "courier", "seal": "broken"}
    record_event(report(order, "handed_over", hours=31.1, payload=second), by=world.reporter, now=at(35))
    judged(36)
    flag = Flag.objects.get(code=FlagCode.CUSTODY_GAP)
    assert (flag.harm == Harm.SETTLED, flag.severity) == (False, Severity.CRITICAL)
    assert "The seal was found broken, too." in flag.why


def test_where_the_cells_are_is_never_kept_from_being_said(world):
    order = unwatched(world)
    judged(32)
    said = {"from": "courier", "to": "plant", "received_by": "Ola"}
    assert say(order, world.operator, "handed_over", hours=33, payload=said).outcome == "created"


def gap(kind: GapKind, *, is_grave: bool) -> CustodyGap:
    return CustodyGap(uuid4(), kind, at(1), "courier", "", "", {"is_grave": is_grave, "giver": "plant"})


@pytest.mark.parametrize(
    ("status", "kind", "is_grave", "severities"),
    [
        (OrderStatus.IN_PROGRESS, GapKind.BROKEN_SEAL, True, [Severity.CRITICAL]),
        (OrderStatus.IN_PROGRESS, GapKind.NOBODY, False, [Severity.ATTENTION]),
        (OrderStatus.CLOSED, GapKind.BROKEN_SEAL, True, [Severity.CRITICAL]),
        (OrderStatus.CLOSED, GapKind.NOBODY, False, []),
        (OrderStatus.CANCELLED, GapKind.BROKEN_SEAL, True, []),
        (OrderStatus.CANCELLED, GapKind.AFTER_END, True, [Severity.CRITICAL]),
    ],
)
def test_what_is_flagged_before_and_after_the_end(status, kind, is_grave, severities):
    runs = [completed("infusion", 5)] if status == OrderStatus.CLOSED else []
    order = an_order(*runs, status=status, gaps=(gap(kind, is_grave=is_grave),))
    found = [one for one in judge(order, at(6)).findings if one.code == FlagCode.CUSTODY_GAP]
    assert [one.severity for one in found] == severities


def test_a_step_is_not_missed_before_the_other_report_may_have_come():
    order = an_order(gaps=(gap(GapKind.STEP_SILENT, is_grave=False),))
    early, later = (judge(order, at(hours)) for hours in (1.4, 1.5))
    assert [one.code for one in early.findings if one.code == FlagCode.CUSTODY_GAP] == []
    assert early.next_at <= at(1.5)
    [found] = [one for one in later.findings if one.code == FlagCode.CUSTODY_GAP]
    assert "report the step with the time of the hand-over" in found.next_step


def test_a_step_that_nobody_reported_is_asked_for_once_where_its_shipment_is_late():
    silent = gap(GapKind.STEP_SILENT, is_grave=False)
    silent = silent._replace(said=silent.said | {"name": "The road", "stage": "inbound", "giver": "courier"})
    order = an_order(running("inbound", 1, planned_delivery=25), done_until="collection", gaps=(silent,))
    found = {one.code: one for one in judge(order, at(30)).findings if one.code != FlagCode.HOLD_EXPIRING}
    assert FlagCode.CUSTODY_GAP not in found
    late = found[FlagCode.SHIPMENT_LATE]
    assert "nobody reported that The road was completed" in late.why
    assert "report the step with the time of the hand-over" in late.next_step
    before = judge(order, at(20)).findings
    assert FlagCode.CUSTODY_GAP in {one.code for one in before}


@pytest.mark.parametrize("kind", GapKind)
def test_every_gap_says_what_is_amiss(kind):
    [one] = [
        one
        for one in judge(an_order(gaps=(gap(kind, is_grave=True),)), at(6)).findings
        if one.code == FlagCode.CUSTODY_GAP
    ]
    assert "does not fit" not in one.why
    assert "QA: find out who had the cells" in one.next_step


def test_a_forecast_rests_on_the_custody_not_on_an_identity_that_nobody_doubts():
    gaps = (gap(GapKind.BROKEN_SEAL, is_grave=True),)
    order = an_order(gaps=gaps)
    assert if_cleared(order, judge(order, at(6)).findings)[0] == "if the custody is cleared"
    order = an_order(gaps=gaps, shared=(a_shared(),))
    assert if_cleared(order, judge(order, at(6)).findings)[0] == "if the identity is cleared"


def sent_away(world: InterlockWorld) -> PatientOrder:
    """An order whose dose is due to be given, and which the infusion site handed to a courier again."""
    order = world.order()
    told(world, order, *TO_INFUSION[:-2])
    way = (("plant", "courier", 82), ("courier", "infusion_site", 85), ("infusion_site", "courier", 86))
    for giver, taker, hours in way:
        said = report(order, "handed_over", "", hours, payload={"from": giver, "to": taker})
        record_event(said, by=world.reporter, now=at(86))
    return order


def test_a_dose_that_left_the_infusion_site_is_given_to_nobody(world):
    order = sent_away(world)
    judged(87)
    [flag] = Flag.objects.filter(code=FlagCode.CUSTODY_GAP)
    assert flag.severity == Severity.CRITICAL
    assert "Site coordinator: do not prepare the patient, find out where the dose is" in flag.next_step
    words = refusal(order, make_user("kari", world.oslo, role=Role.SITE_COORDINATOR), "started", "infusion", 88)
    assert "The dose left the infusion site again" in words


def test_a_failed_dose_that_is_sent_back_is_no_doubt(world):
    order = sent_away(world)
    failed = report(order, "failed", "release", 86.5, payload={"reason": "The bag leaks."})
    record_event(failed, by=world.reporter, now=at(87))
    judged(87)
    assert not Flag.objects.filter(code=FlagCode.CUSTODY_GAP, cleared_at=None).exists()


def test_a_dose_that_left_and_was_given_all_the_same_stays_a_doubt(world):
    order = sent_away(world)
    told(world, order, *TO_INFUSION[-2:])
    judged(93)
    [flag] = Flag.objects.filter(code=FlagCode.CUSTODY_GAP)
    assert flag.severity == Severity.CRITICAL
