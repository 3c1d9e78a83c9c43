"""The critical flags that stand on orders, as those who report must see them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db.models import Q

from batches.flags.models import Flag
from batches.flags.queries.doubts import unsettled_partners
from batches.flags.queries.flags import readings_for
from batches.flags.rules.before_collection import ASKS_FIRST
from batches.flags.rules.decided import leaves_work
from batches.flags.rules.harm import urgency
from batches.flags.rules.judging import judge
from batches.flags.rules.packaging import BEFORE_LEAVING
from batches.flags.rules.stops import CALM_DOUBTS, doubt_of
from batches.flags.statuses import TESTED_AGAIN_AT, flag_title
from batches.judgement.queries import Readings, orders_named
from batches.judgement.rules.facts import OrderRow
from batches.judgement.statuses import FlagCode, Harm, Severity
from supplychain.orders.models import DueOrder
from supplychain.orders.rules import flag_ends
from supplychain.orders.rules.flag_ends import FlagEnd
from supplychain.orders.rules.interlocks import AskFirst, Stop
from supplychain.orders.rules.withdrawals import REASON_WITHDRAWAL_ASKED
from supplychain.orders.statuses import ExcursionDecision

# In the evidence of a flag: one person says of a report that it is wrong, and a second one is asked.
SAID_WRONG = {"facts": [{"reason": REASON_WITHDRAWAL_ASKED}]}
log = structlog.get_logger(__name__)


def raised_stops(order_ids: Collection[UUID]) -> list[Stop]:
    """The critical flags that stand on these orders, and those that ask people to wait with a stage, as those who
    report must see them, the worst first; one query, or three where somebody has seen that a label stands on two.

    A centre's request stands with the order itself, critical or not.
    """
    is_read = Q(severity=Severity.CRITICAL) | Q(code=FlagCode.DOSE_AT_RISK, evidence__has_key=ASKS_FIRST)
    is_read |= Q(code=FlagCode.OUT_OF_SEQUENCE, evidence__contains=SAID_WRONG)
    is_read |= Q(code__in=CALM_DOUBTS)
    flags = Flag.objects.filter(is_read, order__in=order_ids, cleared_at__isnull=True).exclude(
        code=FlagCode.CHANGE_ASKED
    )
    ranked = sorted(flags, key=urgency)
    beside = unsettled_partners(ranked)
    return [_stop(flag, beside.get(flag.pk, "")) for flag in ranked]


def stops_of(order_ids: Collection[UUID], *, now: datetime, read_at: datetime) -> list[Stop]:
    """What puts these orders in doubt: the critical flags, and those that no worker has raised yet.

    Seconds lie between a fact and its flag; a person must not slip through them. Who is due is asked before the flags
    are read: of whoever is not, the flags are then written. `read_at`: not before the orders were locked; what was
    recorded while that lock was waited for made them due later than `now`.
    """
    due = DueOrder.objects.due_among(order_ids, at=max(now, read_at))
    raised = raised_stops(order_ids)
    return raised + (_unraised(due, raised, now) if due else [])


def _unraised(order_ids: Collection[UUID], raised: Sequence[Stop], now: datetime) -> list[Stop]:
    due = orders_named(order_ids)
    readings = readings_for(due)
    known = {(stop.order_id, stop.key) for stop in raised}
    found = [stop for row in due for stop in _stops_found(row, readings, now)]
    return [stop for stop in found if (stop.order_id, stop.key) not in known]


def _stops_found(row: OrderRow, readings: Readings, now: datetime) -> list[Stop]:
    try:
        findings = judge(readings.facts_of(row), now).findings
    except Exception:
        log.exception("order could not be judged before a report", order=str(row.id))
        return []
    stops = []
    for one in findings:
        if doubt := doubt_of(one.code, one.severity, one.evidence):
            said = (flag_title(one.code, one.evidence), one.stage, one.why, one.next_step)
            is_critical = one.severity == Severity.CRITICAL
            key = (one.code.value, one.stage, one.subject, one.gist)
            stop = Stop(row.id, None, *said, now, doubt, key, since=one.since, is_critical=is_critical)
            stops.append(replace(stop, **_of_decision(one.code, one.subject, one.evidence, one.harm)))
    return stops


def _stop(flag: Flag, beside: str) -> Stop:
    doubt = doubt_of(flag.code, flag.severity, flag.evidence)
    said = (flag.title, flag.stage, flag.why, flag.next_step)
    key = (flag.code, flag.stage, flag.subject, flag.evidence.get("gist", ""))
    asks = flag.evidence.get(ASKS_FIRST)
    return Stop(
        flag.order_id, flag.pk, *said, flag.raised_at, doubt, key, since=flag.since, beside=beside,
        asks_first=AskFirst(**asks) if asks else None, is_critical=flag.severity == Severity.CRITICAL,
        **_of_decision(flag.code, flag.subject, flag.evidence, flag.harm),
    )  # fmt: skip


def _of_decision(code: str, subject: str, evidence: Mapping[str, Any], harm: int) -> dict[str, Any]:
    """Whether what failed has begun again, what a decision leaves to do, how it is decided, and whether its own stage
    waits for that."""
    return {
        "is_tested_again": TESTED_AGAIN_AT in evidence,
        "leaves_work": leaves_work(code, subject, evidence),
        "end": _end(code, evidence, harm),
        "keeps_start": BEFORE_LEAVING in evidence,
    }


def _end(code: str, evidence: Mapping[str, Any], harm: int) -> FlagEnd:
    """How the flag ends. Of a dose that was given although it was rejected quality assurance decides, as of any other
    doubt about it; before that nothing is left to decide."""
    if code == FlagCode.DOSE_REJECTED and harm not in (Harm.DOSE_BEING_GIVEN, Harm.DOSE_IN_DOUBT):
        return flag_ends.NO_DOSE
    if code == FlagCode.EXCURSION:
        is_rejected = evidence.get("decision") == ExcursionDecision.REJECT
        return flag_ends.REJECTED if is_rejected else flag_ends.EXCURSION
    if BEFORE_LEAVING in evidence:
        return flag_ends.PACKED_ANEW
    return flag_ends.BY_TWO if code == FlagCode.IDENTITY_MISMATCH else flag_ends.SETTLED
