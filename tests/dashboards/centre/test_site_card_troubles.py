"""What a card says is wrong with an order, and what quality assurance decided of it."""

from dataclasses import replace
from uuid import UUID

import pytest

from batches.judgement.statuses import FlagCode, Harm, Severity
from dashboards.centre.rules.cards import CardGroup, card_of, urgency
from dashboards.centre.rules.preparation import Readiness, preparation
from dashboards.centre.rules.troubles import troubles
from supplychain.orders.rules.interlocks import Settlement, Stop
from supplychain.orders.rules.states import ChangeRequest
from supplychain.orders.statuses import Doubt, StageStatus, WaitLimit
from tests.dashboards.centre.builders import (
    NOW,
    OSLO,
    flag,
    hours,
    run_of,
    shipped_flow,
    standing_at,
)

READY, RUNNING, HELD = StageStatus.READY, StageStatus.RUNNING, StageStatus.HELD
FRESH = shipped_flow("car_t_fresh")
AT_TEN = {"planned_start_at": NOW + hours(2)}
WORDS = {
    FlagCode.STAGE_LATE: "Expansion takes longer than usual.",
    FlagCode.SHIPMENT_LATE: "The cells arrive later than planned.",
    FlagCode.PROMISE_AT_RISK: "The dose may not be ready as promised.",
    FlagCode.DOSE_AT_RISK: "This dose may be lost, or a permitted waiting time may run out. The plant looks for a "
    "way out.",
    FlagCode.SILENT: "No news of expansion where some was expected.",
    FlagCode.CUSTODY_GAP: "It is not clear who had this patient’s cells, or how they were kept.",
    FlagCode.CELLS_UNDECIDED: (
        "The order is cancelled; the plant decides what becomes of the cells; the cells can wait only until tomorrow "
        "09:00. Until then discard nothing."
    ),
    FlagCode.NOT_ENTITLED: "A system reported what is not its to say about expansion of this order; the plant is asked "
    "to check it.",
    FlagCode.OUT_OF_SEQUENCE: "Reports about this order do not fit together.",
    FlagCode.STAGE_FAILED: "Expansion failed.",
    FlagCode.ON_HOLD: "Expansion is on hold: quality assurance has to decide by tomorrow 09:00.",
    FlagCode.CHANGE_ASKED: "The plant has to answer your request by tomorrow 09:00.",
    FlagCode.IDENTITY_SHARED: "An identifier of this order stands on another order too: use no material until this "
    "is cleared.",
    FlagCode.DONATION_NUMBER: "The donation number of this order is not in ISBT 128 form: compare it with the label.",
    FlagCode.IDENTITY_MISMATCH: "A code that was read with this order is not this order’s: use no material until this "
    "is resolved.",
    FlagCode.EXCURSION: (
        "The temperatures that were logged on the way do not agree; quality assurance of the plant looks at it."
    ),
    FlagCode.DOSE_REJECTED: "Every dose that was made for this order was rejected or destroyed: give none of it. The "
    "plant says what follows.",
    FlagCode.COLLECTION_RECORD: "The collection ended with open points in its record: quality assurance of the plant "
    "decides what follows.",
    FlagCode.PACKAGING: "Something is amiss with the shipper or packaging of the cells. Quality assurance of the "
    "plant decides on it.",
    FlagCode.LABEL_UNRECONCILED: "Labels that were printed for this order are not all accounted for: say of those that "
    "you have how they ended.",
    FlagCode.EVALUATION_FAILED: "This order could not be checked by the rules; operations look at it by hand.",
    FlagCode.HOLD_EXPIRING: "Expansion must begin by tomorrow 09:00: then the permitted waiting time ends.",
}


@pytest.mark.parametrize("code", FlagCode)
def test_every_flag_has_plain_words(code):
    facts = standing_at(FRESH, "expansion", READY, flags=(flag(code, "expansion", due=NOW + hours(24)),))
    [trouble] = troubles(facts, NOW, OSLO)
    assert trouble.text == WORDS[code]


def test_cells_beyond_their_limits_are_told_as_that():
    facts = standing_at(FRESH, "expansion", READY, flags=(flag(FlagCode.EXCURSION, "expansion", Severity.CRITICAL),))
    [trouble] = troubles(facts, NOW, OSLO)
    assert trouble.text.startswith("The cells were too warm or too cold on their way: quality assurance of the plant")
    assert trouble.text.endswith("Do not give a dose made of them before.")


@pytest.mark.parametrize(
    ("status", "due", "text"),
    [
        (READY, -1, "Expansion was to begin by today 08:00 and did not: the cells waited longer than permitted."),
        (RUNNING, 3, "The shipper's cold is guaranteed only until today 12:00."),
        (HELD, 3, "Expansion is on hold, and the cells can wait only until today 12:00."),
    ],
)
def test_a_wait_that_is_over_is_said_otherwise(status, due, text):
    expiring = flag(FlagCode.HOLD_EXPIRING, "expansion", Severity.CRITICAL, due=NOW + hours(due))
    assert [one.text for one in troubles(standing_at(FRESH, "expansion", status, flags=(expiring,)), NOW, OSLO)] == [
        text
    ]


def test_a_critical_warning_that_nobody_has_seen_asks_for_the_centre():
    unseen = flag(FlagCode.STAGE_FAILED, "expansion", Severity.CRITICAL)
    late = flag(FlagCode.STAGE_LATE, "expansion", id=UUID(int=8))
    card = card_of(standing_at(FRESH, "expansion", RUNNING, flags=(late, unseen)), NOW, OSLO)
    assert card.group == CardGroup.NEEDS_YOU
    assert [(one.is_critical, one.flag) for one in card.troubles] == [(True, UUID(int=7)), (False, None)]
    seen = unseen._replace(is_acknowledged=True)
    assert card_of(standing_at(FRESH, "expansion", RUNNING, flags=(seen,)), NOW, OSLO).group == CardGroup.ON_ITS_WAY


def test_troubles_and_cards_stand_by_harm_and_then_by_the_latest_moment_to_act():
    late = flag(FlagCode.STAGE_LATE, "expansion", Severity.CRITICAL, act_by=NOW)
    swapped = flag(FlagCode.IDENTITY_SHARED, "", id=UUID(int=8), act_by=NOW + hours(1))
    facts = [standing_at(FRESH, "expansion", RUNNING, flags=flags) for flags in ((late,), (late, swapped), ())]
    assert card_of(facts[1], NOW, OSLO).troubles[0].text.startswith("An identifier of this order")
    calm = flag(FlagCode.SILENT, "expansion", id=UUID(int=9), act_by=NOW - hours(9))
    assert [one.is_critical for one in troubles(replace(facts[0], flags=(calm, late)), NOW, OSLO)] == [True, False]
    keys = [urgency(card_of(one, NOW, OSLO), one, NOW) for one in facts]
    assert sorted(keys) == [keys[1], keys[0], keys[2]]


DECIDED = Settlement("Quynh", "Labels compared.", NOW - hours(1))


def test_what_quality_assurance_decided_counts_and_not_what_the_flag_asked_for():
    shared = flag(FlagCode.IDENTITY_SHARED, severity=Severity.CRITICAL)
    facts = standing_at(FRESH, "outbound", StageStatus.RUNNING, flags=(shared,))
    (trouble,) = troubles(facts, NOW, OSLO)
    assert trouble.text.endswith("use no material until this is cleared.")
    assert preparation(facts, NOW, OSLO).readiness == Readiness.WAIT
    facts = replace(facts, flags=(shared._replace(settlement=DECIDED),))
    (trouble,) = troubles(facts, NOW, OSLO)
    assert trouble.text == (
        "An identifier of this order stands on another order too. "
        "Quality assurance decided today 08:00 (Quynh): “Labels compared.”"
    )
    assert preparation(facts, NOW, OSLO).readiness == Readiness.SHIPPED


def test_a_report_that_a_critical_flag_stops_is_offered_with_the_reason_why_not():
    stop = Stop(UUID(int=1), UUID(int=7), "Identity shared", "", "Same label.", "", NOW, Doubt.IDENTITY)
    facts = standing_at(FRESH, "collection", StageStatus.RUNNING, stops=[stop])
    (need,) = card_of(facts, NOW, OSLO).needs
    assert need.button
    assert need.stopped.startswith("Stopped by a critical flag: Same label. Only quality assurance may go on")
    assert need.text.startswith("Stopped until quality assurance has decided: ")
    (need,) = card_of(replace(facts, stops=[replace(stop, settlement=DECIDED)]), NOW, OSLO).needs
    assert (bool(need.button), need.stopped) == (True, "")


def test_an_appointment_of_what_is_stopped_is_never_told_alone():
    """Whoever may not report reads the card, too, and would hand over cells that may be another patient's."""
    stop = Stop(UUID(int=1), UUID(int=7), "Identity shared", "", "Same label.", "", NOW, Doubt.IDENTITY)
    facts = standing_at(FRESH, "inbound", READY, stops=[stop], roles={}, run=AT_TEN)
    card = card_of(facts, NOW, OSLO)
    told = [card.headline, *(need.text for need in card.needs), card.next.what]
    assert len(told) >= 3
    for words in told:
        assert words.startswith("Stopped until quality assurance has decided: "), words


def test_of_a_card_with_nothing_but_a_warning_it_is_said_that_reading_it_is_all_that_is_needed():
    unseen = flag(FlagCode.STAGE_FAILED, "expansion", Severity.CRITICAL)
    card = card_of(standing_at(FRESH, "expansion", RUNNING, flags=(unseen,)), NOW, OSLO)
    assert [need.text for need in card.needs] == [
        "Read the warning and acknowledge it: nothing else is asked of your centre"
    ]
    assert card.needs[0].is_reading
    seen = card_of(standing_at(FRESH, "expansion", RUNNING, flags=(unseen._replace(is_acknowledged=True),)), NOW, OSLO)
    assert (seen.needs, seen.group) == ((), CardGroup.ON_ITS_WAY)


def test_of_cells_that_nobody_accounts_for_no_limit_is_made_up():
    said = [
        flag(code, "outbound", Severity.CRITICAL, harm=Harm.CELLS, due=NOW - hours(40))
        for code in (FlagCode.SILENT, FlagCode.STAGE_LATE)
    ]
    facts = standing_at(FRESH, "outbound", RUNNING, flags=tuple(said))
    assert all(one.text.endswith(": nobody has said where the cells are.") for one in troubles(facts, NOW, OSLO))


def test_of_a_date_at_risk_no_more_is_made_while_a_request_is_unanswered():
    late, asked = flag(FlagCode.PROMISE_AT_RISK), ChangeRequest("e1", "cancel", "died", "", NOW)
    facts = standing_at(FRESH, "expansion", RUNNING, flags=(late,), change=asked)
    assert [one.text for one in troubles(facts, NOW, OSLO)] == [
        "The date of the dose was at risk when you asked; the plant answers your request first."
    ]
    assert troubles(replace(facts, change=None), NOW, OSLO)[0].text == WORDS[FlagCode.PROMISE_AT_RISK]


def test_of_work_without_a_reported_start_the_card_says_no_more_than_is_known():
    why = "Transduction was completed 9 Nov, and no start of it is on record; only 4 h of waiting were permitted."
    late = flag(FlagCode.HOLD_EXPIRING, "transduction", Severity.CRITICAL, why=why)
    ended = {"transduction": run_of("transduction", StageStatus.COMPLETED, started_at=None)}
    facts = standing_at(FRESH, "expansion", RUNNING, runs=ended, flags=(late,))
    assert card_of(facts, NOW, OSLO).troubles[0].text == (
        f"{why[:-1]}; quality assurance decides whether they may be used."
    )
    begun = replace(facts, runs=dict(facts.runs) | {"transduction": run_of("transduction", StageStatus.COMPLETED)})
    assert "was begun after" in card_of(begun, NOW, OSLO).troubles[0].text


def test_two_reports_that_no_system_had_to_make_are_told_apart():
    twice = (flag(FlagCode.NOT_ENTITLED, "disposition", id=UUID(int=1)), flag(FlagCode.NOT_ENTITLED, id=UUID(int=2)))
    facts = standing_at(FRESH, "expansion", RUNNING, flags=twice)
    texts = {one.text.partition(";")[0] for one in troubles(facts, NOW, OSLO)}
    name = FRESH.stages["disposition"].name
    of_stage = f"A system reported what is not its to say about {name[:1].lower()}{name[1:]} of this order"
    assert texts == {of_stage, "A system reported what is not its to say about this order"}


def test_a_release_that_failed_after_the_product_was_sent_is_no_release_to_come():
    runs = {"disposition": run_of("disposition", StageStatus.FAILED)}
    facts = standing_at(FRESH, "infusion", READY, runs=runs, current_stage="disposition")
    failed = "the release of the product is reported failed, after it was sent"
    assert preparation(facts, NOW, OSLO) == (Readiness.WAIT, f"Wait: {failed}. Speak with the plant first.")
    assert card_of(facts, NOW, OSLO).headline == (
        f"T{failed[1:]}: do not give it unless quality assurance decides that you may"
    )


def test_an_expired_dose_is_planned_for_nobody():
    expired = flag(FlagCode.HOLD_EXPIRING, "infusion", Severity.CRITICAL, due=NOW - hours(11))
    facts = standing_at(FRESH, "infusion", READY, flags=(expired,))
    facts.runs["infusion"].wait_limit = WaitLimit.EXPIRY
    facts.runs["infusion"].wait_until = facts.runs["infusion"].wait_expires_at = NOW - hours(11)
    card = card_of(facts, NOW, OSLO)
    assert card.troubles[0].text.startswith("The dose expired yesterday 22:00: do not give it")
    assert card.headline == (
        "The dose expired yesterday 22:00: do not give it unless quality assurance decides that you may"
    )
    (need,) = card.needs
    assert need.text == "Do not begin infusion: the dose has expired. Ask quality assurance of the plant"
    assert not need.button


def test_a_rejected_dose_is_not_ready_to_infuse():
    rejected = flag(FlagCode.DOSE_REJECTED, severity=Severity.CRITICAL)
    card = card_of(standing_at(FRESH, "infusion", READY, flags=(rejected,)), NOW, OSLO)
    assert card.headline == "Every dose that was made for this order was rejected or destroyed: give none of it"
    made_anew = card_of(standing_at(FRESH, "selection", READY, flags=(rejected,)), NOW, OSLO)
    assert made_anew.headline == "Cells are at the plant: they wait for a place in production"


def test_a_dose_whose_release_is_reported_for_later_is_not_ready_to_infuse():
    runs = {"disposition": run_of("disposition", StageStatus.COMPLETED, completed_at=NOW + hours(24))}
    for stage, status in (("outbound", StageStatus.RUNNING), ("infusion", READY)):
        card = card_of(standing_at(FRESH, stage, status, runs=dict(runs)), NOW, OSLO)
        assert card.headline == (
            "The release of the product is reported only for tomorrow 09:00, still to come: do not give it"
        )
