"""A failure whose report is said to be wrong: until a second person has decided, the cells may live. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from batches.flags.statuses import SAID_WRONG_AT, TESTED_AGAIN_AT
from batches.judgement.rules.findings import Finding
from batches.judgement.statuses import FlagCode
from supplychain.orders.statuses import StageEventKind

ASK_SECOND = (
    "QA: a second person confirms that the failure report is wrong, or keeps it (“Confirm: wrong” among the order’s "
    "events asks which); until then discard nothing, and begin no new attempt."
)


def with_failures_said_wrong(findings: Sequence[Finding]) -> list[Finding]:
    """The findings; that a stage failed says that its report is said to be wrong, and asks first for the second person.

    Of a dose that is out nothing is waited with: what the flag asks for is done all the same.
    """
    asked = {one.stage: fact for one in findings for fact in _asked_about_failure(one)}
    return [
        _said_wrong(one, asked[one.stage]) if one.code == FlagCode.STAGE_FAILED and one.stage in asked else one
        for one in findings
    ]


def _asked_about_failure(finding: Finding) -> list[Mapping[str, Any]]:
    if finding.code != FlagCode.OUT_OF_SEQUENCE:
        return []
    return [fact for fact in finding.evidence["facts"] if fact.get("decided") == StageEventKind.FAILED]


def _said_wrong(finding: Finding, fact: Mapping[str, Any]) -> Finding:
    evidence = finding.evidence | {SAID_WRONG_AT: fact["at"]}
    waits = not {"dose", TESTED_AGAIN_AT} & evidence.keys()
    why = f"{finding.why} {fact['text']}."
    return replace(finding, why=why, next_step=ASK_SECOND if waits else finding.next_step, evidence=evidence)
