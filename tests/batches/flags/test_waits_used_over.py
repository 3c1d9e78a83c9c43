"""Cells that were used after their permitted wait was over stay flagged until quality assurance has decided on them."""

import pytest
from django.urls import reverse

from batches.flags.actions.people import settle_flag
from batches.flags.models import Flag
from batches.judgement.statuses import Harm
from supplychain.custody.queries import custody_for
from supplychain.orders.actions.events import record_event
from supplychain.orders.models import PatientOrder
from tests.batches.flags.interlocked import NUMBER, InterlockWorld, judged, refusal, say, told
from tests.supplychain.builders import at, report

pytestmark = pytest.mark.django_db
# Selection may wait 48 h from the end of the transport, until 78.
TO_THE_PLANT = (
    ("started", "collection", 1), ("completed", "collection", 5), ("started", "inbound", 6),
    ("completed", "inbound", 30),
)  # fmt: skip
TO_RELEASE = (
    ("started", "harvest", 92), ("completed", "harvest", 104), ("started", "release", 105),
)  # fmt: skip


@pytest.fixture
def world() -> InterlockWorld:
    return InterlockWorld()


def waited(world: InterlockWorld, until: float = 80) -> PatientOrder:
    order = world.order()
    told(world, order, *TO_THE_PLANT)
    judged(until)
    return order


def flag_of(order: PatientOrder, stage: str = "selection") -> Flag:
    return Flag.objects.get(order=order, code="hold_expiring", stage=stage)


def test_work_that_begins_decides_nothing(client, world):
    order = waited(world)
    assert "decide whether the cells may still be used, and settle this flag" in flag_of(order).next_step
    told(world, order, ("started", "selection", 80))
    judged(81)
    flag = flag_of(order)
    assert (flag.severity, flag.cleared_at, flag.harm, flag.title) == (
        "critical", None, Harm.FAILED, "Used after the permitted wait",
    )  # fmt: skip
    assert flag.why == (
        "Selection was begun 2026-03-05T16:00Z; only 48 h of waiting were permitted, until 2026-03-05T14:00Z."
    )
    assert "no decision is on record" in flag.next_step
    client.force_login(world.quality)
    page = client.get(reverse("order", args=[order.pk])).content.decode()
    assert ("Used after the permitted wait" in page, reverse("settle_flag", args=[flag.pk]) in page) == (True, True)


def test_the_doubt_goes_with_the_cells_to_the_release(client, world):
    order = waited(world)
    told(world, order, ("started", "selection", 80))
    judged(81)
    say(order, world.operator, "completed", "selection", hours=92, now=at(92))
    told(world, order, *TO_RELEASE)
    judged(106)
    client.force_login(world.quality)
    dialog = client.get(f"{reverse('report_event', args=[order.pk])}?kind=completed&stage=release").content.decode()
    assert ("Used after the permitted wait" in dialog, 'name="override"' in dialog) == (True, True)
    said = {"payload": {"release_reference": "R-7"}}
    why = refusal(order, world.quality, "completed", "release", hours=120, now=at(120), **said)
    assert "Why it may go on although it is flagged" in why
    settle_flag(flag_of(order).pk, by=world.quality, reason="Viable, D-21.", now=at(121))
    say(order, world.quality, "completed", "release", hours=122, now=at(122), **said)


@pytest.mark.parametrize(("begun", "is_flagged"), [(77, False), (78, False), (78.1, True)])
def test_what_counts_is_when_it_happened_not_when_it_was_reported(world, begun, is_flagged):
    order = waited(world)
    record_event(report(order, "started", "selection", begun), by=world.reporter, now=at(82))
    judged(82)
    assert (flag_of(order).cleared_at is None) == is_flagged


def test_an_end_without_a_start_does_not_say_that_it_began_in_time(world):
    order = waited(world)
    told(world, order, ("completed", "selection", 82))
    judged(83)
    assert "completed 2026-03-05T18:00Z, and no start of it is on record" in flag_of(order).why


def test_what_was_decided_before_the_cells_were_used_is_not_asked_again(world):
    order = waited(world)
    settle_flag(flag_of(order).pk, by=world.quality, reason="Viable, D-21.", now=at(80.5))
    told(world, order, ("started", "selection", 81))
    judged(82)
    flag = flag_of(order)
    assert (flag.cleared_at, flag.harm, flag.acknowledged_by) == (None, Harm.SETTLED, "quynh")
    assert flag.next_step == "Nothing more about this flag: quynh of quality assurance settled it: “Viable, D-21.”"


def test_the_custody_page_asks_for_no_decision_that_was_taken(world):
    order = waited(world)
    *_, clock = custody_for(order, at(80.2)).clocks
    assert clock.endswith("quality assurance has to decide whether the cells may still be used.")
    settle_flag(flag_of(order).pk, by=world.quality, reason="Viable, D-21.", now=at(80.5))
    order.refresh_from_db()
    *_, clock = custody_for(order, at(80.6)).clocks
    assert clock.endswith("quality assurance has decided on them.")


def test_cells_that_may_be_used_are_somebodys_to_use_until_they_are(client, world):
    """A decision begins nothing: the order would stand still, and nobody would be told."""
    order = waited(world)
    settle_flag(flag_of(order).pk, by=world.quality, reason="Viable, D-21.", now=at(80.5))
    judged(80.6)
    flag = flag_of(order)
    assert (flag.harm, flag.severity) == (Harm.CELLS, "critical")
    assert flag.next_step == (
        "Operations: if the cells are to be used, begin Selection now. "
        "quynh of quality assurance decided: “Viable, D-21.”"
    )
    client.force_login(world.operator)
    page = client.get(reverse("order", args=[order.pk])).content.decode()
    assert "Quality assurance decided: “Viable, D-21.”. If the cells are to be used, begin Selection now" in page
    tower = client.get(reverse("control_tower")).content.decode()
    # What is first, and its row.
    assert tower.count("Operations: if the cells are to be used, begin Selection now.") == 2


def test_what_was_decided_of_a_wait_is_done_only_after_another_doubt_is_settled(world):
    """Two sentences would stand side by side: begin now, and stop work on these cells."""
    order = waited(world)
    settle_flag(flag_of(order).pk, by=world.quality, reason="Viable, D-21.", now=at(80.5))
    other = world.order(patient_reference="pseudonym-9")
    for one in (order, other):
        said = report(one, "note", "collection", 80.6, payload={"donation_number": NUMBER})
        record_event(said, by=world.reporter, now=at(80.6))
    judged(80.7)
    assert flag_of(order).next_step.startswith(
        "QA: settle “One identifier on two orders” first; until then nothing is begun. After that: Operations: if the "
    )


def test_what_was_decided_of_a_wait_is_done_only_after_a_request_is_answered(world):
    order = waited(world)
    settle_flag(flag_of(order).pk, by=world.quality, reason="Viable, D-21.", now=at(80.5))
    row = report(order, "change_asked", "", 80.6, payload={"wish": "cancel", "cause": "died"})
    record_event(row, by=world.reporter, now=at(80.6))
    judged(80.7)
    assert flag_of(order).next_step.startswith(
        "QA or Operations: answer on the order’s page. If the order goes on, Operations: if the cells are to "
        "be used, begin "
    )


def test_what_was_decided_only_of_the_wait_does_not_cover_an_earlier_use(world):
    order = waited(world)
    settle_flag(flag_of(order).pk, by=world.quality, reason="Put aside, D-21.", now=at(81))
    record_event(report(order, "started", "selection", 80), by=world.reporter, now=at(82))
    judged(82)
    assert (flag_of(order).harm, flag_of(order).acknowledged_at) == (Harm.FAILED, None)


def test_a_decision_on_the_use_counts_until_it_is_said_to_be_wrong(world):
    order = waited(world)
    told(world, order, ("started", "selection", 80))
    judged(81)
    settle_flag(flag_of(order).pk, by=world.quality, reason="Viable, D-21.", now=at(82))
    for hours in (83, 84):
        judged(hours)
        assert flag_of(order).harm == Harm.SETTLED
