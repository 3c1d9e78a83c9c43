"""The flag about a shipment that arrives, or is expected to arrive, later than its plan.

The plan is the delivery that was planned; where none was said, pickup and the hours of its lane. What is expected is
what everybody reads (supplychain/transport/rules/arrivals.py); a booking that its lane cannot keep is doubted beside
it. An arrival that nobody knows is never in time, and presses like one of which nobody has said a word: that contact
was lost is no news of the cells.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple, Self

from batches.flags.rules.couriers import courier_ask
from batches.flags.rules.limits import LIMIT
from batches.flags.rules.waiting import presses_from
from batches.forecasts.rules.conditions import IF_CELLS_USED
from batches.judgement.rules.awaited import awaited
from batches.judgement.rules.facts import OrderFacts, StageFacts
from batches.judgement.rules.findings import Finding, Found, next_of, severity_at, who_acts
from batches.judgement.rules.missing import missed_from
from batches.judgement.rules.sent_moments import moment
from batches.judgement.statuses import FlagCode, Severity
from supplychain.flows.statuses import StageKind
from supplychain.orders.rules.waits import limit_now
from supplychain.orders.statuses import DelayCause, StageStatus
from supplychain.sentences import moment_mark
from supplychain.transport.rules.arrivals import expected_arrival
from supplychain.transport.rules.lanes import Lane
from supplychain.transport.statuses import ArrivalBasis

COUNTS_AS_BOOKED = "until the courier says another, the booked arrival counts"
# No plan is kept to the minute.
GRACE = timedelta(hours=1)
# Why it is delayed, as the end of a sentence.
DELAY_WORDS = {one.value: f" ({one.label.lower()})" for one in DelayCause if one != DelayCause.OTHER}


class DueShipment(NamedTuple):
    """When a shipment should arrive, and when it does at the latest by what was said and by its lane (None: nobody
    knows); `since`: since when that is so, at the earliest the pickup; `planned_at` None: nobody planned it; `lane`: if
    nobody said since when it arrives."""

    since: datetime
    planned_at: datetime | None
    latest_at: datetime | None
    lane: Lane | None

    @classmethod
    def of(cls, stage: StageFacts) -> Self | None:
        """Of a shipment that was picked up, or of whose delay somebody spoke before; None: nobody said when it is to
        arrive, and it has no lane."""
        run, lane = stage.run, stage.lane
        since = _known_since(stage)
        if stage.plan.kind != StageKind.TRANSPORT or since is None:
            return None
        booked_at = run.planned_end_at or moment(run.planned_delivery_at)
        planned_at = booked_at or (lane.arrives_at(run.expected_start or since) if lane else None)
        if run.unknown_since:
            return cls(moment(run.unknown_since) or since, planned_at, None, None)
        if planned_at is None:
            return None
        if run.agreed:
            return cls(since, planned_at, run.agreed.until, None)
        return cls(since, planned_at, max(filter(None, (booked_at, lane and lane.arrives_at(since)))), lane)

    @property
    def is_foreseen_late(self) -> bool:
        """Whether it will be late even if nothing else happens."""
        if self.latest_at is None or self.planned_at is None:
            return True
        return self.latest_at > self.planned_at + GRACE

    @property
    def late_at(self) -> datetime:
        """From when on it is late, or known to become so."""
        if self.planned_at is None or self.is_foreseen_late:
            return self.since
        return self.planned_at + GRACE

    def passes_at(self, limit: datetime | None) -> datetime:
        """From when on the cells do not arrive before their limit; without one: never."""
        if limit is None:
            return datetime.max.replace(tzinfo=self.since.tzinfo)
        if self.latest_at is None:
            return max(self.late_at, presses_from(limit))
        return self.since if self.latest_at >= limit else max(self.late_at, limit)


def _known_since(stage: StageFacts) -> datetime | None:
    """The pickup, though the shipment is held on its way (at customs); before it, when somebody said that the booked
    transport is delayed and has no new arrival in time."""
    run = stage.run
    if run.started_at and run.status in (StageStatus.RUNNING, StageStatus.HELD):
        return run.started_at
    is_ahead = run.started_at is None and run.status in (StageStatus.PENDING, StageStatus.READY)
    return moment(run.delayed_at) if is_ahead and (run.agreed or run.unknown_since) else None


def shipment_late(facts: OrderFacts, now: datetime) -> Found:
    """A shipment under way is, or will be, later than its plan: attention; critical once it cannot arrive before the
    shipper's cold ends. It ends with the receipt."""
    findings, moments = [], []
    ahead = [one for one in facts.stages.values() if one.run.status == StageStatus.PENDING and one.run.delayed_at]
    for stage in [*awaited(facts, now), *ahead]:
        if (due := DueShipment.of(stage)) is None:
            continue
        wait = limit_now(stage.plan, stage.run) if stage.run.started_at else None
        limit = wait.until if wait else stage.run.cold_until
        critical_at, unheard_at = due.passes_at(limit), _unheard_at(stage, due)
        critical_at = min(critical_at, unheard_at) if unheard_at else critical_at
        moments += [due.since, due.late_at, due.planned_at, due.latest_at, unheard_at]
        moments += [limit, presses_from(limit)] if limit else []
        if severity := severity_at(now, min(due.late_at, critical_at), critical_at):
            finding = _finding(stage, due, limit, severity, now)
            is_unheard = unheard_at is not None and unheard_at <= now
            findings.append(replace(finding, due=finding.due or due.planned_at) if is_unheard else finding)
    return Found(findings, next_of(now, [*moments, *facts.left_at.values()]))


def if_kept(findings: Iterable[Finding]) -> tuple[str, Finding | None]:
    """On what a forecast rests while cells are known to arrive after their shipper's cold, and the flag that says so;
    empty: on nothing."""
    for one in findings:
        limit, expected = (moment(one.evidence.get(name)) for name in (LIMIT, "expected_at"))
        if one.code == FlagCode.SHIPMENT_LATE and limit and expected and limit <= expected:
            return IF_CELLS_USED, one
    return "", None


def _unheard_at(stage: StageFacts, due: DueShipment) -> datetime | None:
    """From when on cells under way that nobody can say a new arrival of are missed, as by silence.py; None: never."""
    if due.latest_at or due.planned_at is None or stage.run.started_at is None:
        return None
    return max(due.late_at, missed_from(stage.plan, due.planned_at))


def _finding(stage: StageFacts, due: DueShipment, limit: datetime | None, severity: Severity, now: datetime) -> Finding:
    since = due.late_at if due.late_at <= now else due.since
    ask = f"{courier_ask(stage) or 'call the courier'} when it arrives, and report its new time"
    if limit and severity == Severity.CRITICAL:
        ask += "; have the shipper unpacked or recharged on its way, and ask QA before the cells are used"
    return Finding(
        FlagCode.SHIPMENT_LATE, stage.plan.code, severity, since, limit, _why(stage, due, limit, now),
        f"{who_acts(stage.plan)}: {ask}; tell who waits for it.", _evidence(stage, due, limit, now),
        gist=_gist(stage, due),
    )  # fmt: skip


def _gist(stage: StageFacts, due: DueShipment) -> str:
    if due.latest_at is None:
        return "unknown"
    return "agreed" if stage.run.agreed else "foreseen" if due.is_foreseen_late else "overdue"


def _evidence(stage: StageFacts, due: DueShipment, limit: datetime | None, now: datetime) -> dict[str, str]:
    """The arrival is the one that everybody reads; once it has passed, or while a hold keeps it, the latest one."""
    told = expected_arrival(stage.plan, stage.run, stage.lane, now)
    by = ArrivalBasis.COURIER if stage.run.agreed else ArrivalBasis.LANE if due.lane else ArrivalBasis.BOOKED
    moments = {
        "picked_up_at": stage.run.started_at,
        "planned_at": due.planned_at,
        "expected_at": told.at if told else due.latest_at,
        "latest_at": due.latest_at,
        LIMIT: limit,
    }
    evidence = {name: at.isoformat() for name, at in moments.items() if at}
    return evidence | {"expected_by": (told.by if told else by).value if due.latest_at else "unknown"}


def _why(stage: StageFacts, due: DueShipment, limit: datetime | None, now: datetime) -> str:
    """All of it as moments: the sentence may be read an hour after it was written."""
    parts = [f"{stage.plan.name}: nobody said when the shipment was to arrive"]
    if due.planned_at:
        was = "was" if due.planned_at <= now else "is"
        parts = [f"{stage.plan.name}: the shipment {was} to arrive by {moment_mark(due.planned_at)}"]
    cause = DELAY_WORDS.get(stage.run.delay_cause or "", "")
    if due.latest_at is None:
        parts.append(f"since {moment_mark(due.since)} nobody knows when it arrives{cause}")
    elif stage.run.agreed:
        parts.append(f"its arrival is {stage.run.agreed.words}{cause}")
    elif due.is_foreseen_late:
        parts += _lane_words(stage, due, now)
    elif due.planned_at and due.planned_at <= now:
        parts.append("nobody has reported that it arrived")
    if limit:
        parts.append(f"the shipper's guaranteed cold ends at {moment_mark(limit)}")
    return "; ".join(parts) + "."


def _lane_words(stage: StageFacts, due: DueShipment, now: datetime) -> list[str]:
    """That its lane takes longer than was planned; while its booked arrival lies ahead, that counts."""
    if due.lane is None or due.latest_at is None:
        return []
    missed = ", after the last cut-off of its day" if due.lane.misses(due.since) else ""
    told = expected_arrival(stage.plan, stage.run, stage.lane, now)
    is_booked = told is not None and told.by == ArrivalBasis.BOOKED
    arrives = f"{'would arrive only' if is_booked else 'arrives'} about {moment_mark(due.latest_at)}"
    said = [f"it was picked up {moment_mark(due.since)}{missed}; with {due.lane.words} it {arrives}"]
    return [*said, COUNTS_AS_BOOKED] if is_booked else said
