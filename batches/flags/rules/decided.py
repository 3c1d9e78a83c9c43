"""What a decision of quality assurance leaves to do: that the cells may be used begins nothing by itself. Pure."""

from collections.abc import Mapping
from typing import Any

from batches.flags.rules.said_wrong import ASK_SECOND
from batches.flags.statuses import IS_OVER, SAID_WRONG_AT, TESTED_AGAIN_AT, USED_AT
from batches.judgement.rules.facts import OrderFacts
from batches.judgement.rules.findings import Finding, who_acts
from batches.judgement.statuses import FlagCode
from supplychain.flows.statuses import StageKind
from supplychain.orders.statuses import StageStatus


def leaves_work(code: str, subject: str, evidence: Mapping[str, Any]) -> bool:
    """Whether the order stands still, also once a flag is settled: cells wait on, or what failed has not been begun
    again, and the dose is not out."""
    if code == FlagCode.HOLD_EXPIRING:
        return not subject and IS_OVER in evidence and USED_AT not in evidence
    return code == FlagCode.STAGE_FAILED and not {"dose", TESTED_AGAIN_AT} & evidence.keys()


def left_to_do(facts: OrderFacts, finding: Finding) -> str:
    """What has to be done now, and who does it; empty: nothing, or a hold has to be decided first."""
    stage = facts.stages.get(finding.stage)
    if stage is None or facts.held_at or not leaves_work(finding.code, finding.subject, finding.evidence):
        return ""
    plan, status = stage.plan, stage.run.status
    if status == StageStatus.READY:
        return f"{who_acts(plan)}: if the cells are to be used, begin {plan.name} now"
    if status != StageStatus.FAILED:
        return ""
    if SAID_WRONG_AT in finding.evidence:
        return ASK_SECOND[:-1]
    if plan.kind != StageKind.QUALITY_CONTROL:
        return "Operations: begin a new attempt, or cancel the order"
    return (
        f"{who_acts(plan)}: begin {plan.name} again, for nothing after it goes on without it; "
        "Operations: or begin a new attempt, or cancel the order"
    )
