"""The right patient's, and not to be used all the same: rejected, given, or of an attempt that failed."""

import pytest

from supplychain.chain.statuses import CheckOutcome
from supplychain.orders.actions.events import record_event
from supplychain.orders.models import StatusEvent
from tests.dashboards.builders import browser_of
from tests.supplychain.builders import at, report
from tests.supplychain.chain.checking import CheckedWorld

pytestmark = pytest.mark.django_db
BAG = {"number": "DOSE-1", "kind": "final_bag", "stage": "harvest"}


@pytest.fixture
def world() -> CheckedWorld:
    world = CheckedWorld()
    tell(world, ("started", "selection", 31, {}), ("completed", "selection", 43, {}))
    tell(world, ("started", "harvest", 43, {"batch_number": "LOT-1"}), ("completed", "harvest", 55, {}))
    tell(world, ("material", "", 55, BAG))
    return world


def tell(world: CheckedWorld, *said: tuple[str, str, float, dict]) -> None:
    for kind, stage, hours, payload in said:
        result = record_event(report(world.mine, kind, stage, hours, payload=payload), by=world.reporter)
        assert result.outcome == "created", result


def found(world: CheckedWorld, read: str, hours: float) -> tuple[str, str]:
    check = world.check(read, hours=hours).check
    return check.outcome, check.why


@pytest.mark.parametrize("number", ["DOSE-1", "dose-1", "LOT-1"])
def test_what_may_be_used_matches(world, number):
    assert found(world, number, 60)[0] == CheckOutcome.MATCH


@pytest.mark.parametrize(
    ("status", "words"),
    [("rejected", "It was rejected (too few cells)"), ("destroyed", "It was reported destroyed (too few cells)"),
     ("infused", "It was reported infused already")],
)  # fmt: skip
def test_what_was_rejected_destroyed_or_given_is_not_to_be_used(world, status, words):
    reason = {"reason": "too few cells"} if status != "infused" else {}
    tell(world, ("material_is", "", 60, {"number": "DOSE-1", "status": status} | reason))
    outcome, why = found(world, "DOSE-1", 61)
    assert (outcome, words in why, "Stop: do not use" in why) == (CheckOutcome.UNFIT, True, True)
    assert not StatusEvent.objects.filter(order=world.mine, kind="mismatch").exists()


def test_what_a_failed_attempt_made_is_not_to_be_used_until_it_is_tested_anew(world):
    tell(world, ("started", "release", 56, {}), ("failed", "release", 57, {"reason": "Out of specification"}))
    for number in ("DOSE-1", "LOT-1"):
        assert found(world, number, 58) == (CheckOutcome.UNFIT, found(world, number, 58)[1])
        assert "Release failed." in found(world, number, 58)[1]
    assert found(world, "CO-MINE", 58)[0] == CheckOutcome.MATCH


def test_what_has_expired_is_not_to_be_used(world):
    tell(world, ("material", "", 56, {"number": "BAG-1", "kind": "collection_bag", "expires_at": at(70).isoformat()}))
    assert found(world, "BAG-1", 69)[0] == CheckOutcome.MATCH
    assert "Its expiry has passed. Stop" in found(world, "BAG-1", 71)[1]


def test_what_another_attempt_took_the_place_of_is_not_to_be_used(world):
    tell(world, ("failed", "harvest", 56, {"reason": "Leak"}))
    row = report(world.mine, "started", "selection", 60, attempt=2)
    assert record_event(row, by=world.reporter).outcome == "created"
    assert "It is of attempt 1; attempt 2 took its place." in found(world, "DOSE-1", 61)[1]


def test_the_page_stops_who_holds_it(world):
    tell(world, ("material_is", "", 60, {"number": "DOSE-1", "status": "rejected", "reason": "too few cells"}))
    page = browser_of(world.coordinator).post(f"/orders/{world.mine.pk}/identity/", {"read": "DOSE-1"})
    assert "DO NOT USE: stop" in page.text
