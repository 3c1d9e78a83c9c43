"""What a card says of a dose that is in doubt or was given, and of cells that are left of an order that has ended."""

from dataclasses import replace
from uuid import UUID

import pytest

from batches.flags.rules.cancelled import KEEP_CELLS
from batches.judgement.statuses import FlagCode, Harm, Severity
from dashboards.centre.rules.cards import CardGroup, card_of
from dashboards.centre.rules.needs import read_first
from supplychain.orders.rules.interlocks import Settlement
from supplychain.orders.statuses import StageStatus
from tests.dashboards.centre.builders import NOW, OSLO, flag, hours, shipped_flow, standing_at

READY, RUNNING = StageStatus.READY, StageStatus.RUNNING
FRESH = shipped_flow("car_t_fresh")
DECIDED = Settlement("Quynh", "Labels compared.", NOW - hours(1))
IN_DOUBT = {"harm": Harm.DOSE_IN_DOUBT, "severity": Severity.CRITICAL}
CALL = "The dose was given: call the treating physician now (who calls takes this flag on)."


@pytest.mark.parametrize("status", ["in_progress", "infused", "closed"])
@pytest.mark.parametrize("is_seen", [False, True])
def test_a_dose_in_doubt_that_was_given_needs_the_centre_until_it_is_settled(status, is_seen):
    why = "Infusion started before Release had ended; the dose was given and no release of it is on record."
    given = flag(FlagCode.OUT_OF_SEQUENCE, "infusion", is_acknowledged=is_seen, why=why,
                 next_step=f"{CALL} QA: find out whether the dose was released.", **IN_DOUBT)  # fmt: skip
    facts = standing_at(FRESH, "infusion", RUNNING, flags=(given,), status=status, infused_at=NOW - hours(1),
                        promised_at=NOW + hours(50), run={"started_at": NOW - hours(9)})  # fmt: skip
    card = card_of(facts, NOW, OSLO)
    assert (card.group, card.needs[0].text, card.needs[0].is_reading) == (CardGroup.NEEDS_YOU, CALL, False)
    assert card.next is None or card.next.what == "End of infusion"
    assert [(one.text, one.flag) for one in card.troubles] == [(why, None if is_seen else given.id)]
    settled = card_of(replace(facts, flags=(given._replace(settlement=DECIDED),)), NOW, OSLO)
    assert CALL not in [need.text for need in settled.needs]
    assert (settled.group == CardGroup.DONE) == (status != "in_progress")


def test_other_flags_of_an_order_that_has_ended_need_nobody():
    late = flag(FlagCode.STAGE_FAILED, "sterility", Severity.CRITICAL, next_step="Coordinator: call the plant.")
    facts = standing_at(FRESH, "infusion", StageStatus.COMPLETED, flags=(late,), status="infused", infused_at=NOW)
    card = card_of(facts, NOW, OSLO)
    assert (card.group, card.needs, card.troubles[0].flag) == (CardGroup.DONE, (), None)


def test_what_stops_a_harm_is_the_first_task_of_a_dose_that_can_still_be_stopped():
    to_stop = flag(FlagCode.STAGE_FAILED, "sterility", Severity.CRITICAL, harm=Harm.DOSE_TO_STOP, is_acknowledged=True)
    card = card_of(standing_at(FRESH, "infusion", READY, flags=(to_stop, to_stop._replace(id=UUID(int=8)))), NOW, OSLO)
    stop = "Stop it now: the dose must not be given. Put it aside, call the treating physician."
    assert [need.text == stop for need in card.needs] == [True, False]


def test_cells_of_a_cancelled_order_that_are_here_are_a_task_with_their_clock():
    over = flag(FlagCode.CELLS_UNDECIDED, severity=Severity.CRITICAL, due=NOW - hours(54))
    here = standing_at(FRESH, "inbound", READY, status="cancelled", ended_at=NOW - hours(90), flags=(over,),
                       plant="Leiden", holds_cells=True)  # fmt: skip
    card = card_of(here, NOW, OSLO)
    (need,) = [one for one in card.needs if "discard nothing" in one.text]
    assert (card.group, need.due, need.due_words.startswith("their time was over ")) == (
        CardGroup.NEEDS_YOU, over.due, True,
    )  # fmt: skip
    assert "their time was over" in card.troubles[0].text
    assert card_of(replace(here, holds_cells=False), NOW, OSLO).needs == read_first(here)


def test_cells_that_are_here_are_kept_no_less_while_the_cancellation_is_said_to_be_wrong():
    why = "Order cancelled is said to be wrong: wrong order; a second person must confirm."
    odd = flag(FlagCode.OUT_OF_SEQUENCE, why=why, next_step=f"QA: look at it as a second person. {KEEP_CELLS}")
    here = standing_at(FRESH, "infusion", READY, status="cancelled", ended_at=NOW - hours(1), flags=(odd,),
                       plant="Leiden", telephone="+31 71 1", holds_cells=True)  # fmt: skip
    card = card_of(here, NOW, OSLO)
    assert (card.group, card.needs[0].text) == (
        CardGroup.NEEDS_YOU,
        "The order is cancelled and its cells are here: discard nothing, ask Leiden (+31 71 1) what becomes of them",
    )
    assert card.troubles[0].text == f"Reports about this order do not fit together. {why} {KEEP_CELLS}"
