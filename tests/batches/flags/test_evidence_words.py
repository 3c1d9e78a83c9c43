"""The evidence of every rule as people read it: no codes of ours, no bare shares, no hours with digits."""

import re

import pytest

from batches.flags.rules.evidence_words import evidence_in_words
from batches.flags.rules.judging import judge
from batches.judgement.statuses import FlagCode
from tests.batches.builders import FLOW, a_shared, a_surprise, an_order, at, completed, failed, running, waiting

NAMES = {code: plan.name for code, plan in FLOW.stages.items()}
BARE = re.compile(r"^0\.\d{3,}$|^[a-z]+_[a-z_]+$")
ORDERS = (
    (an_order(running("inbound", 1, planned_delivery=20, qualified_until=40), done_until="collection",
              last_recorded=1, promised=60), 30),
    (an_order(waiting("selection", 1), done_until="receipt", last_recorded=1), 45),
    (an_order(failed("disposition", 20), done_until="qc_release_tests"), 30),
    (an_order(running("selection", 2), running("receipt", 1), done_until="inbound",
              surprises=[a_surprise("before_predecessor", hours=2)], shared=(a_shared(),), held=3), 40),
    (an_order(running("outbound", 500), completed("site_receipt", 520), waiting("infusion", 520),
              done_until="disposition", surprises=[a_surprise("before_predecessor", "site_receipt", hours=520)]), 545),
    (an_order(waiting("inbound", ready=0, planned_pickup_at=14), done_until="collection", last_recorded=1), 16),
)  # fmt: skip


def leaves(value) -> list:
    if isinstance(value, dict):
        return [leaf for one in value.values() for leaf in leaves(one)]
    return [leaf for one in value for leaf in leaves(one)] if isinstance(value, list) else [value]


@pytest.mark.parametrize(("order", "now"), ORDERS)
def test_no_rule_shows_codes_or_bare_shares(order, now):
    findings = judge(order, at(now)).findings
    assert findings
    for finding in findings:
        said = evidence_in_words(finding.evidence, NAMES)
        assert "Gist" not in said
        assert [one for one in leaves(said) if isinstance(one, str) and (one in NAMES or BARE.match(one))] == []
        assert [name for name in said if "_" in name or "(h)" in name or name == "Contributes"] == []


def test_stages_chances_and_hours_are_said_in_words():
    said = evidence_in_words(
        {"late": 0.4588, "overdue_hours": 21.03, "slack_hours": -30.5, "longest": "qc_release_tests", "gist": "x",
         "likely": "attention", "stages": ["inbound"], "contributes": {"stage": "inbound", "excess_hours": 3.2},
         "planned_at": "2026-11-27T08:00:00+00:00", "value": "qc_release_tests", "count": 3, "is_reached": False},
        NAMES,
    )  # fmt: skip
    assert said == {
        "Chance of being late": "46 %", "Overdue": "21 h", "Slack": "−30 h", "Takes longest": "Qc release tests",
        "Severity by the chance alone": "attention", "Stages": ["Inbound"],
        "Takes longest beyond its plan": {"Stage": "Inbound", "Beyond its plan": "3 h"},
        "Planned": "2026-11-27T08:00:00+00:00", "Value": "qc_release_tests", "How many": 3, "Dose is ready": False,
    }  # fmt: skip


def test_what_was_not_there_is_left_out_and_a_chance_is_said_as_it_was_counted():
    late = {"count": 496, "of": 496, "low": 0.992, "high": 1.0}
    wait = {"count": 12, "of": 496, "low": 0.014, "high": 0.042, "stage": "selection"}
    said = evidence_in_words(
        {"assumes_ended": "", "assumes_restart_from": None, "act_by": None, "facts": [], "is_over": False,
         "share": 0.0, "futures": {"late": late, "wait_expires": wait, "no_dose": None, "contributes": None},
         "rescue": {"found": None}},
        NAMES,
    )  # fmt: skip
    assert said == {
        "The wait is over": False, "Share": "0 %",
        "Simulations": {
            "Chance of being late": "496 of 496 simulations (95 % interval 99–100 %)",
            "Chance that a wait runs out": "12 of 496 simulations (95 % interval 1–4 %), most before Selection",
        },
    }  # fmt: skip


def test_every_code_is_among_what_rules_can_find():
    found = {finding.code for order, now in ORDERS for finding in judge(order, at(now)).findings}
    assert found >= {
        FlagCode.SILENT, FlagCode.STAGE_LATE, FlagCode.HOLD_EXPIRING, FlagCode.STAGE_FAILED, FlagCode.OUT_OF_SEQUENCE,
        FlagCode.ON_HOLD, FlagCode.IDENTITY_SHARED, FlagCode.PROMISE_AT_RISK,
    }  # fmt: skip


def test_an_id_is_told_to_nobody():
    one, word = "0197f3c2-8a1b-7c3d-9e4f-001122334455", "said 0197f3c2"
    told = evidence_in_words({"event": one, "mismatches": [one, one], "read": word, "facts": [{"event": one}]}, {})
    assert told == {"Read": word, "Facts": [{}]}


def test_what_limits_a_wait_is_named_as_people_call_it():
    told = evidence_in_words({"limit_from": "qualified_until", "is_over": True}, {})
    assert told == {"Limit set by": "the shipper's guaranteed cold", "The wait is over": True}


def test_every_chance_of_a_rescue_is_told_in_per_cent():
    rescue = {
        "late_now": 0.65,
        "late_then": 0.3192,
        "found": {"late_before": 0.7387, "worst_before": 0.2143, "worst_after": 0.2245},
    }
    assert evidence_in_words({"rescue": rescue}, {})["Rescue"] == {
        "Chance of being late now": "65 %",
        "Chance of being late when this was looked for": "32 %",
        "Found": {
            "Chance of being late before": "74 %",
            "Chance of being late of who gives way, now": "21 %",
            "Chance of being late of who gives way, then": "22 %",
        },
    }


def test_a_threshold_is_one_of_a_number_and_not_of_a_yes_or_no():
    faults = [{"code": "damaged", "critical": True}]
    (row,) = evidence_in_words({"faults": faults}, {})["Faults"]
    assert row == {"Code": "damaged", "Critical": True}
    assert evidence_in_words({"critical": 0.5}, {}) == {"Critical from": "50 %"}
