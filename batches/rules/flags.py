"""The judgement of one order: every flag it deserves now, its forecast, and when to look again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from batches.rules.facts import OrderFacts
from batches.rules.findings import Finding, Found, next_of
from batches.rules.flags_promise import promise_at_risk
from batches.rules.flags_record import identity_shared, out_of_sequence
from batches.rules.flags_silence import silent
from batches.rules.flags_waiting import hold_expiring, on_hold
from batches.rules.flags_working import stage_failed, stage_late
from batches.rules.forecasts import ForecastFinding, forecast
from supplychain.statuses import OrderStatus

# Nothing more can happen to these orders: no findings and nothing to wait for.
ENDED = (OrderStatus.CANCELLED, OrderStatus.CLOSED)
RULES = (hold_expiring, stage_late, silent, out_of_sequence, stage_failed, on_hold, identity_shared)
# A raised flag whose numbers move gets fresh words at least this often.
FRESH_WORDS = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an order deserves. `next_at`: the first moment at which, without news, another verdict is possible."""

    findings: list[Finding]
    next_at: datetime | None
    forecast: ForecastFinding | None


def judge(facts: OrderFacts, now: datetime) -> Verdict:
    """Every rule over one order. Pure: the same facts and moment give the same verdict.

    An infused order is still judged until it is closed: a late test may fail, a swapped label may come to light.
    """
    if facts.status in ENDED:
        return Verdict([], None, None)
    outlook = forecast(facts, now)
    answers: list[Found] = [rule(facts, now) for rule in RULES]
    answers.append(promise_at_risk(facts, outlook, now))
    findings = [finding for answer in answers for finding in answer.findings]
    moments = [answer.next_at for answer in answers]
    if outlook:
        moments.append(outlook.next_at(now))
    if any(finding.moves for finding in findings):
        moments.append(now + FRESH_WORDS)
    return Verdict(findings, next_of(now, moments), outlook)
