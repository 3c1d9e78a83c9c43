"""Every code that is read with an order in hand is kept, and a mismatch is a fact of the order."""

import pytest
from django.db import DatabaseError, transaction

from supplychain.chain.actions.identity import CheckRefused, check_identity
from supplychain.chain.models import IdentityCheck
from supplychain.chain.statuses import CheckOutcome, CheckPlace
from supplychain.identifiers.rules.personal import NOT_KEPT
from supplychain.orders.actions.events import Reporter, record_event
from supplychain.orders.actions.seals import broken_seals
from supplychain.orders.models import StatusEvent
from supplychain.orders.statuses import ReportOutcome
from tests.supplychain.builders import at, report
from tests.supplychain.chain.checking import MINE, THEIRS, CheckedWorld

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> CheckedWorld:
    return CheckedWorld()


def mismatches(order) -> list[StatusEvent]:
    return list(StatusEvent.objects.filter(order=order, kind="mismatch"))


@pytest.mark.parametrize(
    ("read", "outcome", "kind", "value"),
    [
        ("CO-MINE", CheckOutcome.MATCH, "", "CO-MINE"),
        (" co-mine\r\n", CheckOutcome.MATCH, "", "co-mine"),
        (f"={MINE[:13]}00", CheckOutcome.MATCH, "donation", MINE),
        ("CO-THEIRS", CheckOutcome.MISMATCH, "", "CO-THEIRS"),
        (THEIRS, CheckOutcome.MISMATCH, "", THEIRS),
        ("G999926000001", CheckOutcome.MISMATCH, "donation", "G999926000001"),
        ("nobody’s", CheckOutcome.UNKNOWN, "", "nobody’s"),
        ("(10)A-1(21)CO-MINE(10)B-2", CheckOutcome.UNKNOWN, "", ""),
        ("", CheckOutcome.UNKNOWN, "", ""),
    ],
)
def test_what_was_read_is_kept_with_what_it_is_beside_the_order_in_hand(world, read, outcome, kind, value):
    check = world.check(read, stage="inbound", device="Zebra DS22").check
    kept = IdentityCheck.objects.get()
    assert (kept.outcome, kept.read, kept.read_kind, kept.read_value) == (outcome, read, kind, value)
    assert (kept.order, kept.stage, kept.place, kept.device) == (world.mine, "inbound", "order", "Zebra DS22")
    assert (kept.user, kept.source, kept.read_at, kept.recorded_at) == (world.operator, None, at(6), at(6))
    assert len(mismatches(world.mine)) == (outcome == CheckOutcome.MISMATCH)
    assert str(check) == f"{CheckOutcome(outcome).label} {value or read}"


def test_a_bag_is_its_order_s_or_another_s_or_nobody_s_any_more(world):
    for order, number in ((world.mine, "BAG-M1"), (world.theirs, "BAG-T1")):
        said = report(order, "material", hours=5, payload={"number": number, "kind": "final_bag"})
        assert record_event(said, by=world.reporter, now=at(5)).outcome == ReportOutcome.CREATED
    assert world.check("bag-m1").check.outcome == CheckOutcome.MATCH
    assert world.check("BAG-T1").check.outcome == CheckOutcome.MISMATCH
    event = StatusEvent.objects.get(order=world.mine, kind="material")
    for person in (world.quality, world.second):
        withdrawn = report(
            world.mine, "withdrawn", hours=7, payload={"event": str(event.pk), "reason": "Another’s bag."}
        )
        assert record_event(withdrawn, by=Reporter.of_user(person), now=at(7)).outcome == ReportOutcome.CREATED
    assert world.check("BAG-M1", hours=8).check.outcome == CheckOutcome.UNKNOWN


WRISTBAND = "8018061414112345678900"  # 8018 and a number of eighteen digits


@pytest.mark.parametrize(
    "read",
    [
        "=#1970012011", "&#00010112345678", "]d272501970012011", "(7253)DOE(7254)JANE",
        f"]d2{WRISTBAND}<GS>7254JANE", "{FNC1}7253DOE", f"]d2{WRISTBAND}7250197001012011", f"{WRISTBAND}7254JANE",
        f"https://id.gs1.org/{WRISTBAND[:4]}/{WRISTBAND[4:]}?7253=DOE&7254=JANE", "HTTPS://x.org/8018/1/7253/DOE",
        f"https://id.gs1.org/8018/{WRISTBAND[4:]}/%37253/MÜLLER", "725019700101", "7250 19700101", "7253DOE-MILLER",
        "]d210B-1^7253DOE", "]C110B-1~d0297254JANE", "]d28018061414117254JANE", "(21)CO-MINE\n(7253)DOE",
        "id.gs1.org/8018/061414112345678900/7253/DOE",
    ],
)  # fmt: skip
def test_nothing_is_kept_of_a_code_that_says_who_the_patient_is(world, read):
    kept = world.check(read, stage="inbound").check
    assert (kept.outcome, kept.read, kept.read_value) == (CheckOutcome.UNKNOWN, NOT_KEPT, "")
    assert "says who the patient is" in kept.why
    digits = read.strip("=&#]()")
    assert digits not in kept.why


@pytest.mark.parametrize("read", ["7253001", "B7254A", "]C0CO267253ABCD", "=G123472531234500", "(21)CO7254", "725399"])
def test_a_number_that_only_looks_like_a_patients_is_kept(world, read):
    assert world.check(read).check.read == read


def test_an_orders_own_number_that_looks_like_a_patients_is_still_a_mismatch_with_another(world):
    said = report(world.theirs, "note", "inbound", hours=5, payload={"tracking_number": "725019700101"})
    assert record_event(said, by=world.reporter, now=at(5)).outcome == ReportOutcome.CREATED
    kept = world.check("725019700101").check
    assert (kept.outcome, kept.read, kept.other_order) == (CheckOutcome.MISMATCH, NOT_KEPT, world.theirs)


def test_a_mismatch_is_sealed_in_the_chain_of_the_order_in_hand_alone(world):
    check = world.check("CO-THEIRS", stage="inbound").check
    (event,) = mismatches(world.mine)
    assert (event.stage, event.user, event.payload["check"]) == ("", world.operator, str(check.pk))
    assert (event.payload["at_stage"], event.payload["read"]) == ("inbound", "CO-THEIRS")
    assert (check.other_order, mismatches(world.theirs)) == (world.theirs, [])
    assert list(broken_seals([world.mine.pk])) == []


def test_hidden_characters_are_kept_and_what_cannot_be_stored_is_marked(world):
    assert world.check("CO-MI\u200bNE").check.read == "CO-MI\u200bNE"
    assert world.check("CO\0MI\ud800NE").check.read == "CO\ufffdMI\ufffdNE"
    long = world.check("9" * 5000).check
    assert (long.outcome, len(long.read)) == (CheckOutcome.UNKNOWN, 400)


def test_a_number_that_was_withdrawn_never_matches(world):
    said = report(world.mine, "completed", "inbound", 7, payload={"tracking_number": "TRACK-1"})
    assert record_event(said, by=world.reporter, now=at(7)).outcome == ReportOutcome.CREATED
    assert world.check("TRACK-1", hours=8).check.outcome == CheckOutcome.MATCH
    event = StatusEvent.objects.get(order=world.mine, stage="inbound", kind="completed")
    taken_back = report(world.mine, "withdrawn", "inbound", 9, payload={"event": str(event.pk), "reason": "misread"})
    assert record_event(taken_back, by=world.reporter, now=at(9)).outcome == ReportOutcome.CREATED
    assert world.check("TRACK-1", hours=10).check.outcome == CheckOutcome.UNKNOWN


def test_a_check_sent_twice_from_an_offline_phone_is_one(world):
    first = world.check("CO-THEIRS", client_id="phone-1", hours=7, read_at=at(6))
    again = world.check("CO-THEIRS", client_id="phone-1", hours=9, read_at=at(6))
    assert (first.is_new, again.is_new, again.check.pk) == (True, False, first.check.pk)
    assert (IdentityCheck.objects.count(), len(mismatches(world.mine))) == (1, 1)
    with pytest.raises(CheckRefused) as refused:
        world.check("CO-MINE", client_id="phone-1")
    assert refused.value.is_conflict
    assert world.check("CO-MINE", client_id="phone-1", by=world.coordinator).is_new


def test_who_works_on_the_order_may_check_it_and_nobody_else(world):
    for user in (world.coordinator, world.quality):
        assert world.check("CO-THEIRS", by=user).check.outcome == CheckOutcome.MISMATCH
    assert world.check("CO-MINE", by=world.reporter).check.source == world.source
    with pytest.raises(CheckRefused) as refused:
        world.check("CO-MINE", by=world.foreigner)
    assert refused.value.is_missing
    with pytest.raises(CheckRefused) as refused:
        world.check("CO-MINE", by=world.inspector)
    assert refused.value.is_forbidden


def test_a_number_of_an_order_that_one_may_not_see_leads_nowhere(world):
    world.theirs.__class__.objects.filter(pk=world.theirs.pk).update(
        ordering_site=world.bergen, collection_site=world.bergen, infusion_site=world.bergen
    )
    check = world.check("CO-THEIRS", by=world.coordinator).check
    assert (check.outcome, check.other_order) == (CheckOutcome.UNKNOWN, None)
    assert world.check("CO-THEIRS", by=world.operator).check.other_order == world.theirs


def test_a_cancelled_order_is_checked_too_and_no_surprise(world):
    record_event(report(world.mine, "cancelled", hours=6), by=world.reporter, now=at(6))
    assert world.check("CO-MINE", hours=7).check.outcome == CheckOutcome.MATCH
    world.check("CO-THEIRS", hours=8)
    world.mine.refresh_from_db()
    assert (len(mismatches(world.mine)), world.mine.surprises) == (1, [])


def test_without_an_order_in_hand_the_code_finds_one(world):
    by = Reporter.of_user(world.operator)
    given = {"by": by, "place": CheckPlace.WORKLIST, "now": at(6), "stage": "inbound"}
    found = check_identity(None, read="CO-MINE", client_id="1", **given).check
    assert (found.outcome, found.order, found.other_order, found.stage) == ("found", None, world.mine, "")
    assert check_identity(None, read="CO-ODD", client_id="2", **given).check.outcome == CheckOutcome.UNKNOWN


@pytest.mark.parametrize(
    ("given", "field"),
    [({"stage": "nowhere"}, "stage"), ({"client_id": "x" * 101}, "id"), ({"read_at": at(-(10**6))}, "read_at")],
)
def test_what_cannot_be_taken_is_refused_with_its_field(world, given, field):
    with pytest.raises(CheckRefused) as refused:
        world.check("CO-MINE", **given)
    assert (refused.value.field, IdentityCheck.objects.count()) == (field, 0)


def test_nobody_reports_a_mismatch_that_no_check_found(world):
    matched = world.check("CO-MINE").check
    for check in (matched.pk, world.mine.pk, "x"):
        said = report(world.mine, "mismatch", hours=7, payload={"check": str(check)}, source_event_id=str(check))
        answer = record_event(said, by=world.reporter, now=at(7))
        assert (answer.outcome, set(answer.errors)) == (ReportOutcome.REJECTED, {"payload.check"})
    said = report(world.mine, "mismatch", hours=7, payload={}, source_event_id="mismatch-1")
    answer = record_event(said, by=world.reporter, now=at(7))
    assert set(answer.errors) == {"kind"}
    assert "identity-checks/" in answer.errors["kind"][0]


def test_the_database_keeps_every_check(world):
    world.check("CO-MINE")
    for change in (lambda: IdentityCheck.objects.update(read="x"), lambda: IdentityCheck.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
