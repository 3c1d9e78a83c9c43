"""A code that is not the order's keeps people from going on with it until two of them have cleared it up."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from batches.flags.actions.evaluation import evaluate_due_orders
from batches.flags.actions.people import FlagActionRefused, resolve_flag, settle_flag
from batches.flags.models import Flag
from batches.flags.rules.mismatches import may_resolve
from batches.judgement.statuses import FlagCode, Harm, Severity
from supplychain.orders.actions.events import Reporter, record_event
from supplychain.orders.models import StatusEvent
from supplychain.orders.rules.mismatches import ASKED_YOURSELF, QUALITY_MISSING, READ_YOURSELF
from supplychain.orders.statuses import ReportOutcome
from tests.batches.flags.interlocked import refusal, say
from tests.supplychain.builders import at, report
from tests.supplychain.chain.checking import CheckedWorld

pytestmark = pytest.mark.django_db
REASON = "The bag was put aside; this order’s own was found and read."


@pytest.fixture
def world() -> CheckedWorld:
    return CheckedWorld()


def raised(world: CheckedWorld, *, hours: float = 7) -> Flag | None:
    evaluate_due_orders(now=at(hours))
    return Flag.objects.filter(order=world.mine, code=FlagCode.IDENTITY_MISMATCH, cleared_at=None).first()


def mismatched(world: CheckedWorld, read: str = "CO-THEIRS", **given) -> Flag:
    world.check(read, stage="inbound", **given)
    return raised(world)


def resolve(flag: Flag, by, hours: float = 8, reason: str = REASON) -> Flag:
    return resolve_flag(flag.pk, by=by, reason=reason, now=at(hours))


def refused(flag: Flag, by, hours: float = 8) -> str:
    with pytest.raises(FlagActionRefused) as refusal:
        resolve(flag, by, hours)
    return str(refusal.value)[:1].lower() + str(refusal.value)[1:]


def test_a_mismatch_is_critical_and_says_what_to_do(world):
    flag = mismatched(world)
    assert (flag.severity, flag.harm, flag.since) == (Severity.CRITICAL, Harm.IDENTITY, at(6))
    assert flag.why.startswith("A code was read at Inbound (by ola) that does not belong to this order.")
    assert "CO-THEIRS" in flag.why
    assert flag.next_step.startswith("Stop work on these cells now and give nothing made of them. QA: put")
    assert not Flag.objects.filter(order=world.theirs, code=FlagCode.IDENTITY_MISMATCH).exists()


def test_who_read_the_code_or_resolved_it_is_not_offered_to_resolve_it(world):
    flag = mismatched(world)
    reader = world.coordinator if str(world.coordinator.pk) in flag.evidence["not_by"] else world.operator
    assert flag.evidence["not_by"] == [str(reader.pk)]
    assert (may_resolve(flag.evidence, str(reader.pk)), may_resolve(flag.evidence, str(world.quality.pk))) == (
        False, True,
    )  # fmt: skip
    resolve(flag, world.second, 8)
    assert str(world.second.pk) in raised(world, hours=9).evidence["not_by"]


def test_nobody_goes_on_but_quality_assurance_with_a_reason_and_systems_are_heard(world):
    world.check("CO-THEIRS", stage="inbound")
    said = refusal(world.mine, world.coordinator, "started", "inbound", 7)  # before any worker has judged it
    assert "A code was read" in said
    raised(world)
    assert "A code was read" in refusal(world.mine, world.coordinator, "started", "inbound", 7)
    answer = record_event(report(world.mine, "started", "inbound", 8), by=world.reporter, now=at(8))
    assert answer.outcome == ReportOutcome.CREATED
    done = say(
        world.mine,
        world.quality,
        "completed",
        "inbound",
        30,
        payload={"override": "Where the cells are."},
    )
    assert done.outcome == ReportOutcome.CREATED
    assert say(world.mine, world.operator, "note", "inbound", 31, payload={"note": "Put aside"}).outcome


def test_two_people_one_of_quality_assurance_resolve_it(world):
    flag = mismatched(world)
    resolve(flag, world.second, 8)
    standing = raised(world, hours=9)
    assert "a second person must confirm" in standing.next_step
    assert f"unless olu is of QA of the plant, that is QA. olu says: “{REASON}”" in standing.next_step
    assert "A code was read" in refusal(world.mine, world.coordinator, "started", "inbound", 9)
    assert refused(flag, world.second, 10) == ASKED_YOURSELF
    assert refused(flag, world.coordinator, 10) == QUALITY_MISSING
    resolve(flag, world.quality, 11, "Both labels were compared.")
    assert raised(world, hours=12) is None
    cleared = flag.changes.get(kind="cleared")
    assert cleared.why.startswith(f"Resolved by olu: “{REASON}” and by quynh: “Both labels were compared.” Until then")
    assert refusal(world.mine, world.coordinator, "started", "inbound", 12) == "Courier is missing."
    events = StatusEvent.objects.filter(order=world.mine, kind="resolved").order_by("position")
    assert [(str(event.user), event.payload["reason"]) for event in events] == [
        ("olu", REASON), ("quynh", "Both labels were compared."),
    ]  # fmt: skip


def test_quality_assurance_may_be_the_first_and_never_both(world):
    flag = mismatched(world)
    resolve(flag, world.quality, 8)
    assert refused(flag, world.quality, 9) == ASKED_YOURSELF
    resolve(flag, world.coordinator, 9)
    assert raised(world, hours=10) is None


def test_who_read_the_code_is_none_of_the_two(world):
    flag = mismatched(world, by=world.quality)
    assert refused(flag, world.quality) == READ_YOURSELF
    with pytest.raises(FlagActionRefused, match="Nobody settles an identity mismatch alone"):
        settle_flag(flag.pk, by=world.quality, reason=REASON, now=at(8))


def test_an_inspector_and_other_sites_resolve_nothing_and_no_reason_is_none(world):
    flag = mismatched(world)
    assert "is reported by" in refused(flag, world.inspector) or "cannot" in refused(flag, world.inspector)
    assert refused(flag, world.foreigner)
    with pytest.raises(FlagActionRefused):
        resolve(flag, world.second, reason="ok")
    said = {"mismatches": flag.evidence["mismatches"], "reason": REASON}
    answer = record_event(report(world.mine, "resolved", hours=8, payload=said), by=world.reporter, now=at(8))
    assert (answer.outcome, "no system" in answer.reason) == (ReportOutcome.REJECTED, True)


def test_another_code_is_another_flag_and_the_same_one_again_stands_anew(world):
    flag = mismatched(world)
    resolve(flag, world.second, 8)
    world.check("CO-THEIRS", hours=9)
    again = raised(world, hours=10)
    assert (again.pk, again.acknowledged_at) == (flag.pk, None)
    assert "2 times" in again.why
    assert len(again.evidence["mismatches"]) == 2
    world.check("G999926000001", hours=11)
    evaluate_due_orders(now=at(12))
    assert Flag.objects.filter(order=world.mine, code=FlagCode.IDENTITY_MISMATCH, cleared_at=None).count() == 2
    for by, hours in ((world.second, 13), (world.quality, 14)):
        resolve(again, by, hours)
    left = raised(world, hours=15)
    assert left.subject == "donation:G999926000001"


def test_a_resolution_that_is_said_to_be_wrong_counts_no_more(world):
    flag = mismatched(world)
    resolve(flag, world.second, 8)
    resolve(flag, world.quality, 9)
    assert raised(world, hours=10) is None
    event = StatusEvent.objects.filter(order=world.mine, kind="resolved").first()
    said = report(world.mine, "withdrawn", hours=11, payload={"event": str(event.pk), "reason": "wrong bag compared"})
    assert record_event(said, by=Reporter.of_user(world.operator), now=at(11)).outcome == ReportOutcome.CREATED
    assert raised(world, hours=12).pk == flag.pk


def test_it_stands_on_a_cancelled_order_until_it_is_resolved(world):
    record_event(report(world.mine, "cancelled", hours=6), by=world.reporter, now=at(6))
    flag = mismatched(world)
    assert flag.severity == Severity.CRITICAL
    resolve(flag, world.second, 8)
    resolve(flag, world.quality, 9)
    assert raised(world, hours=10) is None


def test_a_code_that_a_system_read_is_resolved_by_two_people(world):
    flag = mismatched(world, by=world.reporter)
    resolve(flag, world.operator, 8)
    resolve(flag, world.quality, 9)
    assert raised(world, hours=10) is None


def test_the_dialog_asks_for_the_first_and_then_for_the_second_person(world):
    flag = mismatched(world)
    address, htmx = reverse("resolve_flag", args=[flag.pk]), {"HX-Request": "true"}

    def asked(user, **said):
        client = Client()
        client.force_login(user)
        return client.post(address, said, headers=htmx) if said else client.get(address, headers=htmx)

    assert "until a second one has confirmed" in asked(world.second).text
    assert "You read this code yourself" in asked(world.operator).text
    assert asked(world.second, reason="").status_code == 422
    assert asked(world.second, reason=REASON).status_code == 204
    evaluate_due_orders(now=timezone.now())
    assert "You resolved it already: a second person must confirm." in asked(world.second).text
    assert "You are the second person" in asked(world.quality).text
    assert "One of the two must be quality assurance" in asked(world.coordinator).text
    assert asked(world.quality, reason="Both labels were compared.").status_code == 204
    evaluate_due_orders(now=timezone.now())
    assert not Flag.objects.filter(pk=flag.pk, cleared_at=None).exists()
    client = Client()
    client.force_login(world.operator)
    page = client.get(reverse("order", args=[world.mine.pk])).text
    assert ("Identity mismatch resolved" in page, "Both labels were compared." in page) == (True, True)


def test_the_order_page_offers_to_resolve_and_not_to_settle(world):
    flag = mismatched(world)
    client = Client()
    client.force_login(world.quality)
    page = client.get(reverse("order", args=[world.mine.pk])).text
    assert reverse("resolve_flag", args=[flag.pk]) in page
    assert reverse("settle_flag", args=[flag.pk]) not in page
