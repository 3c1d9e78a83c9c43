"""What the tests beside share: orders with a prediction that counts, and their flag."""

from uuid import UUID

from batches.flags.rules.judging import judge
from batches.judgement.rules.predictions import StandingPrediction
from batches.judgement.statuses import FlagCode
from tests.batches.builders import an_order, at, running

LIMITS = {"attention": 0.3, "critical": 0.6, "wait_attention": 0.1, "no_dose_attention": 0.2, "easing": 0.1}


def said(confirmed: float = 0, **given) -> StandingPrediction:
    """Likely late (62 %), made at hour 0 for a promise at hour 200."""
    evidence = {
        "late": {"low": 0.574, "high": 0.666}, "wait_expires": {"low": 0.0, "high": 0.01, "stage": ""},
        "no_dose": {"low": 0.02, "high": 0.05},
        "contributes": {"stage": "qc_release_tests", "excess_hours": 40.0, "wait_hours": 30.0, "work_hours": 178.0},
        "thresholds": LIMITS, "severities": {"promise_at_risk": "critical"},
    } | given.pop("evidence", {})  # fmt: skip
    fields = {
        "id": UUID(int=1), "made_at": at(0), "confirmed_at": at(confirmed), "is_used": True, "promised_at": at(200),
        "ready_low": at(180), "ready_median": at(220), "ready_high": at(320), "p_late": 0.62, "p_wait_expires": 0.0,
        "p_no_dose": 0.03,
    } | given  # fmt: skip
    return StandingPrediction(**fields, evidence=evidence)


def order(prediction: StandingPrediction | None = None, **given):
    values = {"done_until": "harvest", "promised": 200, "last_recorded": 0} | given
    return an_order(running("qc_release_tests", started=0), prediction=prediction, **values)


def flag(facts, now: float = 1, code: FlagCode = FlagCode.PROMISE_AT_RISK):
    return next((one for one in judge(facts, at(now)).findings if one.code == code), None)


CLOSED = {"stage": "disposition", "opens_at": None}
