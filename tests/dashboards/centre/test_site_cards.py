"""The cards of a centre: what is needed, what to expect, what is wrong, and whether the patient may be prepared."""

import re
from dataclasses import replace

import pytest

from batches.judgement.statuses import FlagCode, Severity
from dashboards.centre.rules.cards import CardGroup, DateSource, card_of
from dashboards.centre.rules.preparation import Readiness, preparation
from supplychain.flows.statuses import StagePlace
from supplychain.orders.statuses import StageStatus
from supplychain.people.statuses import Role
from tests.dashboards.centre.builders import (
    NOW,
    OSLO,
    flag,
    hours,
    run_of,
    standing_at,
)
from tests.dashboards.centre.said_ready import FAILED, FRESH, FROZEN, HELD, READY, RUNNING

TAKE_OVER = "Receive the product: compare label and patient, read the logger"


GO_ON = "report that it goes on, or tell the plant"


def asked(facts) -> list[tuple[str, str]]:
    return [(need.text, need.button) for need in card_of(facts, NOW, OSLO).needs]


@pytest.mark.parametrize(
    ("stage", "status", "run", "needs"),
    [
        ("enrolment", READY, {}, [("Confirm the patient's enrolment", "Enrolment completed")]),
        ("enrolment", RUNNING, {}, [("Report the end of enrolment", "Enrolment completed")]),
        ("enrolment", HELD, {}, [(f"Decide on the hold of enrolment: {GO_ON}", "Enrolment resumed")]),
        ("collection", HELD, {}, [(f"Decide on the hold of apheresis: {GO_ON}", "Apheresis resumed")]),
        ("enrolment", FAILED, {}, [("Enrolment failed: agree with the plant what comes next", "")]),
        ("collection", READY, {}, [("Book the collection", "Apheresis booked")]),
        ("collection", READY, {"planned_start_at": NOW + hours(25)}, []),
        (
            "collection", READY, {"planned_start_at": NOW + hours(24)},
            [("Collect the cells, and report when it begins", "Apheresis started")],
        ),
        (
            "collection", RUNNING, {},
            [("Report the end of the collection, with the donation number", "Apheresis completed")],
        ),
        (
            "inbound", READY, {},
            [
                (
                    "Hand the cells over to the courier, whom the plant orders",
                    "Transport to the plant: handed to the courier",
                )
            ],
        ),
        ("inbound", RUNNING, {}, []),
        ("inbound", FAILED, {}, []),
        ("selection", READY, {}, []),
        ("expansion", RUNNING, {}, []),
        ("disposition", READY, {}, []),
        ("outbound", READY, {}, []),
        (
            "outbound", RUNNING, {},
            [("Take the product in from the courier", "Transport to the infusion site: delivered")],
        ),
        ("outbound", RUNNING, {"planned_end_at": NOW + hours(30)}, []),
        (
            "outbound", RUNNING, {"planned_end_at": NOW + hours(5)},
            [("Be ready to take the product in today 14:00", "Transport to the infusion site: delivered")],
        ),
        (
            "site_receipt", READY, {},
            [(TAKE_OVER, "Receipt at the infusion site completed")],
        ),
        (
            "site_receipt", RUNNING, {},
            [("Report when the product is received", "Receipt at the infusion site completed")],
        ),
        ("infusion", READY, {}, [("Plan the infusion", "Infusion booked")]),
        ("infusion", READY, {"planned_start_at": NOW}, [("Report when the infusion begins", "Infusion started")]),
        ("infusion", RUNNING, {}, [("Report when the infusion is complete", "Infusion completed")]),
    ],
)  # fmt: skip
def test_what_is_needed_from_the_centre(stage, status, run, needs):
    facts = standing_at(FRESH, stage, status, run=run)
    assert asked(facts) == needs
    assert card_of(facts, NOW, OSLO).group == (CardGroup.NEEDS_YOU if needs else CardGroup.ON_ITS_WAY)


def test_somebody_without_the_role_is_told_but_has_no_button():
    facts = standing_at(FRESH, "collection", RUNNING, roles={StagePlace.COLLECTION_SITE: frozenset({Role.QA})})
    assert asked(facts) == [("Report the end of the collection, with the donation number", "")]


def test_another_centres_work_is_not_asked_of_this_one():
    own = frozenset({StagePlace.ORDERING_SITE.value})
    assert asked(standing_at(FRESH, "collection", RUNNING, own=own)) == []
    assert asked(standing_at(FRESH, "inbound", READY, own=own)) == []


def test_a_held_order_asks_for_nothing():
    assert asked(standing_at(FRESH, "collection", RUNNING, status="on_hold")) == []


@pytest.mark.parametrize(("flow", "left"), [(FRESH, 22), (FROZEN, 30 * 30 * 24 - 2)])
def test_cells_must_leave_within_the_permitted_wait(flow, left):
    [need] = card_of(standing_at(flow, "inbound", READY), NOW, OSLO).needs
    assert need.due == NOW + hours(left)
    assert need.due_words == (
        "at the latest tomorrow 07:00" if flow is FRESH else "the cells’ storage ends 11 May 2029"
    )


def test_a_delivered_product_must_be_received_before_the_shippers_cold_ends():
    cold = {"qualified_until": (NOW + hours(9)).isoformat()}
    shipped = run_of("outbound", StageStatus.COMPLETED, details=cold)
    [need] = card_of(standing_at(FRESH, "site_receipt", READY, runs={"outbound": shipped}), NOW, OSLO).needs
    assert need.due == NOW + hours(9)


@pytest.mark.parametrize(
    ("stage", "status", "given", "said"),
    [
        ("expansion", RUNNING, {}, (Readiness.NOT_YET, "Not yet: the product is not released.")),
        ("disposition", RUNNING, {}, (Readiness.NOT_YET, "Not yet: the product is not released.")),
        ("outbound", READY, {}, (Readiness.WAIT, "Wait: the product is released but not shipped.")),
        (
            "outbound", READY, {"runs": {"disposition": run_of("disposition", StageStatus.SKIPPED)}},
            (Readiness.NOT_YET, "Not yet: the product is not released."),
        ),
        (
            "outbound", RUNNING, {},
            (Readiness.SHIPPED, "May be planned: product released and shipped today 07:00, not received yet."),
        ),
        (
            "outbound", HELD, {"run": {"started_at": NOW - hours(5)}},
            (Readiness.WAIT, "Wait: transport to the infusion site is on hold. Speak with the plant first."),
        ),
        (
            "outbound", FAILED, {},
            (Readiness.WAIT, "Wait: transport to the infusion site failed. Speak with the plant first."),
        ),
        (
            "site_receipt", RUNNING, {},
            (Readiness.SHIPPED, "May be planned: product released and shipped today 07:00, not received yet."),
        ),
        (
            "infusion", READY, {},
            (Readiness.RECEIVED, "May be planned: product released, and received today 07:00."),
        ),
        (
            "infusion", READY, {"runs": {"sterility_final": run_of("sterility_final", FAILED)}},
            (Readiness.WAIT, "Wait: final sterility test failed. Speak with the plant first."),
        ),
        (
            "infusion", READY, {"flags": (flag(FlagCode.IDENTITY_SHARED, severity=Severity.CRITICAL),)},
            (
                Readiness.WAIT,
                "Wait: an identifier of the product stands on another order too. Speak with the plant first.",
            ),
        ),
        (
            "infusion", READY, {"status": "on_hold"},
            (Readiness.WAIT, "Wait: the order is on hold. Speak with the plant first."),
        ),
    ],
)  # fmt: skip
def test_lymphodepletion_is_only_spoken_of_on_facts(stage, status, given, said):
    assert preparation(standing_at(FRESH, stage, status, **given), NOW, OSLO) == said


def test_a_centre_that_only_collects_hears_nothing_of_lymphodepletion():
    own = frozenset({StagePlace.COLLECTION_SITE.value})
    assert preparation(standing_at(FRESH, "infusion", READY, own=own), NOW, OSLO) is None
    assert preparation(standing_at(FRESH, "infusion", READY, status="closed"), NOW, OSLO) is None
    assert preparation(standing_at(FRESH, "infusion", "running"), NOW, OSLO) is None


def test_a_test_that_may_end_after_the_release_is_named_until_its_result_is_in():
    facts = standing_at(FRESH, "outbound", RUNNING, runs={"sterility_final": run_of("sterility_final", RUNNING)})
    (said,) = card_of(facts, NOW, OSLO).late_tests
    assert re.fullmatch(
        r"Final sterility test: result due about \d+ \w+; the flow lets the dose be given before it", said
    )
    held = replace(facts, status="on_hold")
    assert card_of(held, NOW, OSLO).late_tests == (said.split(";")[0],)
    done = standing_at(
        FRESH, "outbound", RUNNING, runs={"sterility_final": run_of("sterility_final", StageStatus.COMPLETED)}
    )
    assert card_of(done, NOW, OSLO).late_tests == ()
    assert card_of(standing_at(FRESH, "expansion", RUNNING), NOW, OSLO).late_tests == ()


@pytest.mark.parametrize(("attempt", "words"), [(1, ""), (2, "Second attempt"), (7, "Next attempt")])
def test_a_new_attempt_is_named(attempt, words):
    assert card_of(standing_at(FRESH, "expansion", RUNNING, attempt=attempt), NOW, OSLO).attempt == words


@pytest.mark.parametrize("status", ["infused", "closed", "cancelled"])
def test_an_ended_order_is_done_and_asks_for_nothing(status):
    facts = standing_at(FRESH, "infusion", RUNNING, status=status, infused_at=NOW, promised_at=NOW + hours(5))
    card = card_of(facts, NOW, OSLO)
    assert (card.group, card.needs, card.next, card.promise) == (CardGroup.DONE, (), None, "")


def test_a_start_reported_for_tomorrow_is_still_to_come():
    to_come = {"started_at": NOW + hours(24)}
    card = card_of(standing_at(FRESH, "collection", StageStatus.RUNNING, run=to_come), NOW, OSLO)
    assert card.headline == "Apheresis is reported to start tomorrow 09:00: still to come. Check the report"
    assert card.needs == ()
    told = ("Apheresis is reported to start", "tomorrow 09:00", "still to come: check the report")
    assert (card.next.what, card.next.words, card.next.source) == told
    facts = standing_at(FRESH, "outbound", StageStatus.RUNNING, run=to_come)
    assert preparation(facts, NOW, OSLO).text == "Wait: the product is released but not shipped."


def test_a_release_reported_for_tomorrow_has_released_nothing():
    facts = standing_at(FRESH, "outbound", StageStatus.READY)
    release = next(code for code, plan in FRESH.stages.items() if plan.kind == "release")
    facts.runs[release].completed_at = NOW + hours(24)
    assert preparation(facts, NOW, OSLO).readiness == Readiness.NOT_YET


@pytest.mark.parametrize(
    ("waits", "ends", "name"),
    [
        ("infusion", "site_receipt", "Receipt at the infusion site"),
        ("outbound", "disposition", "Disposition"),
        ("selection", "receipt", "Receipt at the plant"),
    ],
)
def test_an_end_reported_for_tomorrow_opens_nothing_today(waits, ends, name):
    moment = NOW + hours(24)
    facts = standing_at(FRESH, waits, READY, run={"ready_at": moment})
    facts.runs[ends].completed_at = moment
    card = card_of(facts, NOW, OSLO)
    assert card.headline == f"{name} is reported to end tomorrow 09:00: still to come. Check the report"
    assert (card.needs, card.ready_since) == ((), "")
    assert (card.next.what, card.next.words) == (f"{name} is reported to end", "tomorrow 09:00")
    assert "is reported" not in card_of(facts, moment, OSLO).headline


def test_an_infusion_reported_for_tomorrow_has_not_been():
    facts = standing_at(FRESH, "infusion", StageStatus.COMPLETED, status="infused", infused_at=NOW + hours(24))
    assert card_of(facts, NOW, OSLO).headline == "Infused, reported for tomorrow 09:00: still to come"


def test_work_that_takes_longer_is_asked_for_its_new_end_and_says_it():
    late = (flag(FlagCode.STAGE_LATE, "collection"),)
    facts = standing_at(FRESH, "collection", RUNNING, flags=late)
    assert asked(facts)[1] == (
        "If apheresis is not over yet, say until when it takes",
        "Apheresis: new expected end",
    )
    details = {"agreed_end_at": (NOW + hours(3)).isoformat(), "agreed_times": 2}
    agreed = standing_at(FRESH, "collection", RUNNING, flags=late, run={"details": details})
    assert [words for _, words in asked(agreed)] == ["Apheresis completed"]
    card = card_of(agreed, NOW, OSLO)
    assert card.troubles[0].text == "Apheresis takes longer than usual: agreed until today 12:00, moved twice."
    assert (card.next.what, card.next.source, card.next.words) == (
        "End of apheresis", DateSource.AGREED, "today 12:00",
    )  # fmt: skip


def test_work_that_began_days_before_its_appointment_does_not_end_at_the_end_of_that():
    booked = {"planned_start_at": NOW + hours(217), "planned_end_at": NOW + hours(225)}
    card = card_of(standing_at(FRESH, "collection", RUNNING, run=booked), NOW, OSLO)
    assert (card.next.what, card.next.source) == ("End of apheresis", DateSource.USUAL)
