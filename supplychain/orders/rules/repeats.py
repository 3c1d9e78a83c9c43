"""What repeating a failed test would give, by the planned durations of the test and of what follows. Pure."""

from datetime import datetime, timedelta

from supplychain.flows.rules.plans import FlowPlan
from supplychain.orders.rules.requests import hours_to_ready, length_words
from supplychain.sentences import day_mark

OF_ANOTHER = "A date that is forecast for a new attempt is not of this road."
# Once quality assurance has decided to repeat it (batches/forecasts/rules/still_to_do.py).
FORECAST_GOES_BY_IT = "when the dose would be ready is what the forecast of this order says, which goes by this"


def repeat_words(flow: FlowPlan, stage: str, now: datetime, *, is_decided: bool = False) -> str:
    """When its result would come and the dose be ready, if it began now and passed; where that does not hang on it,
    that it is not known. `is_decided`: that it is repeated, so the forecast says when."""
    plan, behind = flow.stages[stage], flow.followers[stage]
    result = day_mark(now + timedelta(hours=plan.planned_hours))
    said = f"Begun now, the result of {plan.name} comes about {result} (planned: {length_words(plan.planned_hours)})"
    if is_decided:
        return f"{said}; {FORECAST_GOES_BY_IT}."
    if flow.exit not in behind or plan.may_end_after_release:
        return f"{said}; when a dose would be ready is not known. {OF_ANOTHER}"
    hours = {code: one.planned_hours if code in behind else 0.0 for code, one in flow.stages.items()}
    ready = day_mark(now + timedelta(hours=hours_to_ready(flow, hours)))
    return f"{said}; if it passes and nothing else waits, the dose would be ready about {ready}. {OF_ANOTHER}"
