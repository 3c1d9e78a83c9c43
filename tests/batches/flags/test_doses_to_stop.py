"""A dose in doubt that can still be kept from its patient: what says so, where it is, and which comes first."""

from dataclasses import replace

import pytest

from batches.flags.models import Flag
from batches.flags.queries.flags import acts_by
from batches.flags.rules.harm import STOP_FIRST, urgency
from batches.flags.rules.judging import judge
from batches.flags.rules.list_words import place_words
from batches.flags.rules.rejected import dose_rejected, without_lost_cells
from batches.judgement.rules.facts import DonationNumber, LateFailure, OrderFacts
from batches.judgement.rules.findings import Finding
from batches.judgement.statuses import FlagCode, Harm, Severity
from supplychain.materials.rules.fitness import DoseSaid
from supplychain.orders.rules.states import ChangeRequest
from tests.batches.builders import (
    FLOW,
    a_shared,
    a_surprise,
    an_order,
    at,
    completed,
    failed,
    hours_after_start,
    running,
    waiting,
)
from tests.dashboards.builders import TowerWorld, raise_flag

ASKED_BY_CENTRE = ChangeRequest("e", "hold", "too_ill", "", at(9), outcome="agreed", outcome_at=at(10))
SHARED = {"shared": (a_shared(),)}


def found(order: OrderFacts, code: FlagCode, now: float) -> Finding:
    (finding,) = [one for one in judge(order, at(now)).findings if one.code == code]
    return finding


def at_bedside(*runs, **given) -> OrderFacts:
    return an_order(*runs, waiting("infusion"), done_until="site_receipt", **given)


def test_an_expired_dose_at_the_infusion_site_is_to_be_stopped_however_long_ago_it_expired():
    order = at_bedside()
    for now in (8760, 8760 + 13, 8760 + 400):
        finding = found(order, FlagCode.HOLD_EXPIRING, now)
        assert (finding.harm, finding.severity) == (Harm.DOSE_TO_STOP, Severity.CRITICAL)
        assert finding.next_step.startswith(STOP_FIRST[Harm.DOSE_TO_STOP])


def test_so_is_one_whose_shipper_is_warm_on_its_way():
    order = an_order(running("outbound", 5, qualified_until=40), done_until="disposition")
    assert found(order, FlagCode.HOLD_EXPIRING, 39).harm == Harm.CELLS
    assert found(order, FlagCode.HOLD_EXPIRING, 41).harm == Harm.DOSE_TO_STOP


def test_whoever_is_to_stop_it_reads_where_it_is():
    there = at_bedside(failed("qc_release_tests", 12))
    assert "; the dose is at the infusion site, received " in found(there, FlagCode.STAGE_FAILED, 20).why
    on_its_way = an_order(failed("disposition", 12), running("outbound", 5), done_until="qc_release_tests")
    assert "; the dose has already left the plant, " in found(on_its_way, FlagCode.STAGE_FAILED, 20).why


def test_a_question_stays_one_beside_where_the_dose_is():
    doubted = DonationNumber("G999926554340", at(3), ("Z9901",))
    why = found(at_bedside(donations=(doubted,)), FlagCode.DONATION_NUMBER, 20).why
    assert "? The dose is at the infusion site, received " in why


def test_what_may_be_given_sooner_stands_first_however_old_the_fault():
    received = found(at_bedside(**SHARED), FlagCode.IDENTITY_SHARED, 20)
    booked = an_order(running("outbound", 5, planned_delivery_at=30), done_until="disposition", **SHARED)
    usual = an_order(running("outbound", 5), done_until="disposition", **SHARED)
    moments = [received, *(found(order, FlagCode.IDENTITY_SHARED, 20) for order in (usual, booked))]
    assert [hours_after_start(one.reaches_at) for one in moments] == [0, 29, 30]
    delivered = an_order(completed("outbound", 15), done_until="disposition", **SHARED)
    assert hours_after_start(found(delivered, FlagCode.IDENTITY_SHARED, 20).reaches_at) == 15
    to_ship = an_order(failed("sterility_final", 12), waiting("outbound", 11), done_until="disposition")
    assert hours_after_start(found(to_ship, FlagCode.STAGE_FAILED, 20).reaches_at) == 24


def test_its_row_says_how_long_until_it_may_be_given():
    assert place_words(Harm.DOSE_TO_STOP, at(3), None, at(1)).endswith(": act at once, it may be given in 2 h")
    assert place_words(Harm.DOSE_TO_STOP, at(1), at(1), at(3)).endswith(": act at once")


def test_of_cells_that_were_destroyed_nothing_is_stopped_and_no_clock_runs():
    gone = (DoseSaid("", at(5), "destroyed", at(6), ""),)
    order = an_order(running("outbound", 5, qualified_until=90), done_until="disposition", doses=gone)
    finding = found(order, FlagCode.DOSE_REJECTED, 20)
    assert (finding.harm, finding.reaches_at) == (Harm.FAILED, None)
    assert not finding.next_step.startswith(STOP_FIRST[Harm.DOSE_TO_STOP])
    assert "cells_until" not in finding.evidence
    being_given = an_order(running("infusion", 18), done_until="site_receipt", doses=gone)
    assert found(being_given, FlagCode.DOSE_REJECTED, 20).harm == Harm.DOSE_BEING_GIVEN


def test_an_infusion_under_way_is_stopped_before_all_else():
    order = an_order(running("infusion", 18), done_until="site_receipt", **SHARED)
    finding = found(order, FlagCode.IDENTITY_SHARED, 19)
    assert (finding.harm, min(Harm)) == (Harm.DOSE_BEING_GIVEN, Harm.DOSE_BEING_GIVEN)
    assert finding.next_step.startswith("Stop the infusion now, and call the treating physician. ")
    assert hours_after_start(judge(order, at(19)).next_at) <= 22
    assert found(order, FlagCode.IDENTITY_SHARED, 22).harm == Harm.DOSE_IN_DOUBT
    ended = an_order(completed("infusion", 18), done_until="site_receipt", **SHARED)
    assert found(ended, FlagCode.IDENTITY_SHARED, 19).harm == Harm.DOSE_IN_DOUBT


def test_of_a_dose_of_an_earlier_attempt_nobody_stops_the_one_that_is_given_now():
    late = LateFailure(FLOW.stages["sterility_final"], 1, at(15), at(10))
    order = an_order(running("infusion", 18, attempt=2), done_until="site_receipt", attempt=2, late_failures=(late,))
    finding = found(order, FlagCode.STAGE_FAILED, 19)
    assert (finding.harm, finding.why.count("; the dose"), finding.reaches_at) == (Harm.DOSE_IN_DOUBT, 0, None)


def test_what_doubts_a_dose_that_was_given_stands_though_the_rest_was_destroyed():
    lost = dose_rejected(an_order(doses=(DoseSaid("", at(5), "destroyed", at(6), ""),)), at(7)).findings[0]
    doubt = replace(lost, code=FlagCode.EXCURSION, evidence={})
    late = replace(lost, code=FlagCode.SHIPMENT_LATE, evidence={})
    assert without_lost_cells([lost, doubt, late]) == [lost]
    assert without_lost_cells([lost, doubt, late], was_given=True) == [lost, doubt]


def test_of_an_infusion_that_failed_nobody_says_that_the_dose_was_given():
    order = an_order(failed("sterility_final", 12), failed("infusion", 10), done_until="site_receipt")
    whys = {one.stage: one.why for one in judge(order, at(20)).findings if one.code == FlagCode.STAGE_FAILED}
    assert "was given in part or not at all, for its infusion failed" in whys["sterility_final"]


def test_that_an_infusion_is_said_to_be_of_another_patient_is_no_paperwork():
    asked = a_surprise("withdrawal_asked", "infusion") | {"decided": "infusion"}
    order = an_order(completed("infusion", 18), done_until="site_receipt", surprises=[asked])
    finding = found(order, FlagCode.OUT_OF_SEQUENCE, 20)
    assert (finding.severity, finding.harm) == (Severity.CRITICAL, Harm.DOSE_IN_DOUBT)


@pytest.mark.parametrize(
    ("order", "harm"),
    [
        (at_bedside(held=10), Harm.DOSE_TO_STOP),
        (an_order(running("outbound", 5), done_until="disposition", held=10), Harm.DOSE_TO_STOP),
        (an_order(running("infusion", 9), done_until="site_receipt", held=10), Harm.DOSE_BEING_GIVEN),
        (an_order(waiting("outbound", 5), done_until="disposition", held=10), Harm.ON_HOLD),
        (
            at_bedside(
                held=10, change=ChangeRequest("e", "hold", "too_ill", "", at(9), outcome="agreed", outcome_at=at(10))
            ),
            Harm.ON_HOLD,
        ),
    ],
)
def test_a_hold_by_the_plant_of_a_dose_that_has_left_it_is_told_at_the_bedside(order, harm):
    """A recall, say: the centre must not take “on hold” for a matter of days."""
    finding = found(order, FlagCode.ON_HOLD, 11)
    is_told = harm != Harm.ON_HOLD
    assert (finding.harm, finding.severity) == (harm, Severity.CRITICAL if is_told else Severity.ATTENTION)
    assert finding.next_step.startswith(STOP_FIRST.get(harm, ("QA or Operations: ", "Site coordinator: ")))


@pytest.mark.django_db
def test_every_list_has_that_order_and_pins_what_is_still_far_away():
    order = TowerWorld().order()
    given = {"severity": Severity.CRITICAL, "since": at(9)}
    raise_flag(order, subject="far", harm=Harm.DOSE_TO_STOP, reaches_at=at(90), **given)
    raise_flag(order, subject="near", harm=Harm.DOSE_TO_STOP, reaches_at=at(20), **given | {"since": at(19)})
    raise_flag(order, subject="here", harm=Harm.DOSE_TO_STOP, reaches_at=at(8), **given)
    raise_flag(order, subject="now", harm=Harm.DOSE_BEING_GIVEN, reaches_at=at(9), **given)
    assert [flag.subject for flag in sorted(Flag.objects.all(), key=urgency)] == ["now", "here", "near", "far"]
    assert Flag.objects.filter(acts_by(at(22))).count() == 4
