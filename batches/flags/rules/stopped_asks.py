"""What a flag asks for although another stops all work on the cells: the stop goes first, and of reports it says who
makes them then. Pure.

Quality assurance may, with a reason (supplychain/orders/rules/interlocks.py); systems are heard whatever is flagged.
"""

from collections.abc import Sequence
from dataclasses import replace

from batches.flags.rules.gone_on import decision_on
from batches.flags.rules.stops import doubt_of
from batches.flags.statuses import flag_title
from batches.judgement.rules.facts import OrderFacts
from batches.judgement.rules.findings import Finding, one_line
from batches.judgement.statuses import FlagCode
from supplychain.flows.statuses import StageKind
from supplychain.orders.statuses import Doubt

STOPS_ALL = (Doubt.IDENTITY, Doubt.RECORD)
# Cells under way must arrive and be taken in, whatever is in doubt; tests are of samples.
STOPPED_WORK = (StageKind.COLLECTION, StageKind.MANUFACTURING, StageKind.RELEASE, StageKind.INFUSION)


def with_reporters_named(facts: OrderFacts, findings: Sequence[Finding]) -> list[Finding]:
    """The findings; those that ask for reports which a doubt keeps back name quality assurance, which may make them.

    That stopped work takes too long asks for what the stop asks.
    """
    stops = [one for one in findings if doubt_of(one.code, one.severity, one.evidence) in STOPS_ALL]
    stop = next((one for one in stops if decision_on(facts, one) is None), None)
    return [_after_stop(facts, one, stop) if stop else one for one in findings]


def _after_stop(facts: OrderFacts, finding: Finding, stop: Finding) -> Finding:
    if finding.code == FlagCode.STAGE_LATE and facts.stages[finding.stage].plan.kind in STOPPED_WORK:
        return replace(finding, next_step=stop.next_step)
    if not finding.asks_reports:
        return finding
    which = "this flag" if finding is stop else f"“{flag_title(stop.code, stop.evidence)}”"
    said = f"Quality assurance makes these reports, with a reason: {which} keeps everybody else from them"
    return replace(finding, next_step=one_line(f"{finding.next_step.rstrip('.')}. {said}."))
