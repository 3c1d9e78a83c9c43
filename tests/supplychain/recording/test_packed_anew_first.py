"""What comes next of cells that are packed into a shipper which does not keep them, before they leave and after."""

from dataclasses import replace
from uuid import UUID

import pytest

from supplychain.flows.statuses import StagePlace
from supplychain.orders.rules.flag_ends import PACKED_ANEW
from supplychain.orders.rules.interlocks import Settlement, Stop
from supplychain.orders.statuses import Doubt
from supplychain.recording.rules.next_steps import next_steps
from tests.supplychain.builders import at
from tests.supplychain.recording.journeys import ARRIVED, COLLECTED, HARVESTED, INFUSED, PLAN, RELEASED
from tests.supplychain.recording.journeys import confirmed_after as after

PACK = "Site coordinator: pack the cells into a shipper that fits."
STOP = Stop(UUID(int=1), UUID(int=2), "Packaging", "inbound", "A warm box.", PACK, at(3), Doubt.CELLS,
            keeps_start=True, end=PACKED_ANEW)  # fmt: skip


def test_a_transport_whose_cells_are_to_be_packed_anew_cannot_start():
    (step,) = next_steps(PLAN, after(*COLLECTED), at(9), [STOP])
    assert (step.words, step.whose, step.place) == (
        PACK, "the coordinator of one of the order’s sites", StagePlace.COLLECTION_SITE,
    )  # fmt: skip
    assert step.why == "A warm box. Until the cells are packed anew or it is settled, Inbound must not start."


def test_once_settled_or_where_it_is_only_asked_the_transport_can_start():
    settled = replace(STOP, settlement=Settlement("Q", "Nothing else is there.", at(4)))
    assert "begin Inbound now" in next_steps(PLAN, after(*COLLECTED), at(9), [settled])[0].words
    asked = replace(STOP, doubt=Doubt.CHECKLIST, is_critical=False)
    assert [one.words for one in next_steps(PLAN, after(*COLLECTED), at(9), [asked])] == ["Inbound can start"]


@pytest.mark.parametrize(
    ("reported", "kept"),
    [
        (ARRIVED, "the dose must not be released, and the order cannot be closed"),
        (HARVESTED, "the dose must not be released, and the order cannot be closed"),
        (RELEASED, "Infusion must not start, and the order cannot be closed"),
        (INFUSED, "the order cannot be closed"),
    ],
)
def test_a_doubt_about_cells_says_what_it_still_stops(reported, kept):
    doubted = replace(STOP, keeps_start=False, next_step="QA: decide.")
    state = after(*reported)
    whys = [one.why for one in next_steps(PLAN, state, at(99), [doubted]) if one.words == "QA: decide."]
    assert whys == [f"A warm box. Until the cells are packed anew or it is settled, {kept}."]
