"""A failed test is not undone by testing again: its result stands until somebody else decides on it."""

import pytest
from django.urls import reverse

from batches.flags.actions.people import FlagActionRefused, settle_flag
from batches.flags.models import Flag
from batches.judgement.statuses import Harm
from supplychain.orders.actions.events import Reporter, record_event
from supplychain.orders.actions.rebuilding import rebuild_orders
from supplychain.orders.models import PatientOrder, StatusEvent
from supplychain.people.statuses import Role
from supplychain.recording.actions import withdraw_report
from tests.batches.flags.interlocked import InterlockWorld, judged, refusal, say, told
from tests.supplychain.builders import at, make_user, report

pytestmark = pytest.mark.django_db
ASKS_WHY = "Why it may go on although it is flagged"
TO_TESTS = (
    ("started", "collection", 1), ("completed", "collection", 5), ("started", "inbound", 6),
    ("completed", "inbound", 30), ("started", "selection", 31), ("completed", "selection", 43),
    ("started", "harvest", 43), ("completed", "harvest", 55), ("started", "sterility", 56),
)  # fmt: skip


class Retests(InterlockWorld):
    """The small world with a second person of quality assurance."""

    def __init__(self) -> None:
        super().__init__()
        self.second = make_user("sven", self.plant, role=Role.QA)

    def failed(self) -> PatientOrder:
        order = self.order()
        told(self, order, *TO_TESTS, ("failed", "sterility", 100))
        judged(101)
        return order


@pytest.fixture
def world() -> Retests:
    return Retests()


def flag_of(order: PatientOrder) -> Flag:
    return Flag.objects.get(order=order, code="stage_failed", stage="sterility")


def begun_again(world: Retests, order: PatientOrder) -> None:
    say(order, world.quality, "started", "sterility", hours=102, now=at(102), payload={"override": "Retest, D-30."})
    judged(103)


def test_a_test_is_begun_again_only_with_a_reason(world):
    order = world.failed()
    assert "Why it may go on although it is flagged" in refusal(
        order, world.quality, "started", "sterility", hours=102, now=at(102)
    )
    assert "Only quality assurance" in refusal(order, world.operator, "started", "sterility", hours=102, now=at(102))


def test_a_decision_on_a_failed_test_leaves_it_to_be_done(world):
    """The release waits for the test: with the decision alone the order would stand still, and nobody be told."""
    order = world.failed()
    settle_flag(flag_of(order).pk, by=world.quality, reason="Accepted, D-31.", now=at(102))
    judged(103)
    flag = flag_of(order)
    assert (flag.harm, flag.severity, flag.is_settled) == (Harm.FAILED, "critical", False)
    assert flag.next_step == (
        "QA: begin Sterility again, for nothing after it goes on without it; "
        "Operations: or begin a new attempt, or cancel the order. qa of quality assurance decided: “Accepted, D-31.”"
    ).replace("qa of", f"{world.quality} of")
    say(order, world.quality, "started", "sterility", hours=104, now=at(104))


def test_the_failed_result_stands_through_the_new_one(client, world):
    order = world.failed()
    begun_again(world, order)
    assert flag_of(order).why == "Sterility failed 2026-03-06T12:00Z and was begun again 2026-03-06T14:00Z."
    say(order, world.operator, "completed", "sterility", hours=400, now=at(400))
    judged(401)
    flag = flag_of(order)
    assert (flag.cleared_at, flag.severity) == (None, "critical")
    assert flag.why.endswith("the new result is reported as passed.")
    client.force_login(world.second)
    dialog = client.get(f"{reverse('report_event', args=[order.pk])}?kind=started&stage=release").content.decode()
    assert ("Sterility failed" in dialog, 'name="override"' in dialog) == (True, True)


def test_who_tested_again_neither_settles_it_nor_releases(client, world):
    order = world.failed()
    begun_again(world, order)
    flag = flag_of(order)
    with pytest.raises(FlagActionRefused, match="You began yourself again what had failed"):
        settle_flag(flag.pk, by=world.quality, reason="Fine.", now=at(104))
    assert "You began yourself again" in refusal(
        order, world.quality, "started", "release", hours=104, now=at(104), payload={"override": "Fine."}
    )
    client.force_login(world.quality)
    page = client.get(reverse("order", args=[order.pk])).content.decode()
    assert reverse("settle_flag", args=[flag.pk]) not in page
    settle_flag(flag.pk, by=world.second, reason="Laboratory error, D-30.", now=at(105))
    judged(106)
    assert flag_of(order).harm == Harm.SETTLED
    say(order, world.quality, "started", "release", hours=106, now=at(106))


def test_a_decision_to_repeat_lets_the_test_begin_again_and_nothing_more(client, world):
    """One person settled the failure, repeated the test, and released the dose: nobody else was asked."""
    order = world.failed()
    settle_flag(flag_of(order).pk, by=world.quality, reason="Repeat it, D-30.", now=at(101.5))
    judged(101.6)
    assert ASKS_WHY in refusal(order, world.second, "started", "release", hours=101.7, now=at(101.7))
    say(order, world.quality, "started", "sterility", hours=102, now=at(102))
    began = "You began yourself again"
    # No worker has judged it yet.
    assert began in refusal(
        order, world.quality, "started", "release", hours=102, now=at(102), payload={"override": "Fine."}
    )
    judged(103)
    flag = flag_of(order)
    assert (flag.harm, flag.is_settled, flag.acknowledged_at) == (Harm.FAILED, False, None)
    assert "whether the failed result of Sterility counts" in flag.next_step
    say(order, world.operator, "completed", "sterility", hours=400, now=at(400))
    judged(401)
    for person in (world.quality, world.second):
        assert ASKS_WHY in refusal(order, person, "started", "release", hours=402, now=at(402))
    imported = record_event(report(order, "started", "release", 402), by=Reporter.of_user(world.second), now=at(402))
    assert "Stopped by a critical flag" in imported.refusal
    with pytest.raises(FlagActionRefused, match=began):
        settle_flag(flag.pk, by=world.quality, reason="Fine.", now=at(402))
    client.force_login(world.quality)
    page = client.get(reverse("settle_flag", args=[flag.pk])).content.decode()
    assert ("Nothing more about this flag" in page, "decides on the failed result" in page) == (False, True)
    settle_flag(flag.pk, by=world.second, reason="Laboratory error, D-31.", now=at(403))
    judged(404)
    assert flag_of(order).harm == Harm.SETTLED
    say(order, world.quality, "started", "release", hours=404, now=at(404))


def test_what_systems_say_after_a_decision_to_repeat_is_kept_and_flagged(world):
    order = world.failed()
    settle_flag(flag_of(order).pk, by=world.quality, reason="Repeat it, D-30.", now=at(101.5))
    told(world, order, ("started", "sterility", 102), ("completed", "sterility", 400), ("completed", "release", 402))
    judged(403)
    flag = flag_of(order)
    assert (flag.harm, flag.severity, flag.is_settled) == (Harm.DOSE_TO_STOP, "critical", False)
    assert "the dose is already released" in flag.why
    assert rebuild_orders([order], now=at(404)) == {}
    judged(405)
    assert (flag_of(order).why, flag_of(order).raised_at) == (flag.why, flag.raised_at)
    assert ASKS_WHY in refusal(order, world.both, "started", "infusion", hours=405, now=at(405))


def test_a_second_failure_is_another_one_to_decide_on(world):
    order = world.failed()
    begun_again(world, order)
    settle_flag(flag_of(order).pk, by=world.second, reason="Laboratory error, D-30.", now=at(104))
    judged(105)
    assert (flag_of(order).harm, flag_of(order).cleared_at) == (Harm.SETTLED, None)
    record_event(report(order, "failed", "sterility", 300), by=world.reporter, now=at(300))
    judged(301)
    assert (flag_of(order).harm, flag_of(order).acknowledged_at) == (Harm.FAILED, None)


def test_a_failure_that_two_withdrew_leaves_nothing_behind(world):
    order = world.failed()
    begun_again(world, order)
    failure = StatusEvent.objects.get(order=order, kind="failed")
    for person in (world.quality, world.second):
        withdraw_report(failure.pk, by=person, reason="Another order was meant.", now=at(110))
    judged(111)
    assert flag_of(order).cleared_at is not None


def test_other_tests_go_on_as_the_page_says(client, world):
    order = world.order()
    told(world, order, *TO_TESTS, ("started", "release", 57), ("failed", "release", 100))
    judged(101)
    client.force_login(world.operator)
    page = client.get(reverse("order", args=[order.pk])).content.decode()
    assert "nothing but tests may be carried on" in page
    assert "Not now: Sterility completed" not in page
    say(order, world.operator, "completed", "sterility", hours=400, now=at(400))
