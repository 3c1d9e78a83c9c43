"""Flags about printed labels of which nobody said how they ended, though the step that they belong to has.

People do not end a step before its labels are accounted for (supplychain/labels/rules/reconciling.py); what a system
reports is kept, and an open label shows here.
"""

from datetime import datetime

from batches.judgement.rules.facts import OrderFacts
from batches.judgement.rules.findings import NOTHING, Finding, Found, gist_of
from batches.judgement.statuses import FlagCode, Severity
from supplychain.flows.statuses import StageKind
from supplychain.labels.rules.reconciling import OpenLabel, labels_words
from supplychain.orders.statuses import DONE_STAGE_STATUSES, StageStatus

ENDED = (*DONE_STAGE_STATUSES, StageStatus.FAILED)
FIND = (
    "Operations: find each label, and mark it as used, spoiled or destroyed on the order’s page, under “Labels”. "
    "QA: where one cannot be found, judge whether it may be on another material"
)


def label_unreconciled(facts: OrderFacts, now: datetime) -> Found:
    """Open labels whose step has ended, all of an order as one flag: attention at once, critical from when the release
    of the dose can begin. Time alone changes nothing."""
    ended = [(at, one) for one in facts.labels if (at := _ended_at(facts, one)) is not None]
    if not ended:
        return NOTHING
    labels, is_grave = [one for _, one in ended], _is_release_next(facts)
    settles = ", then settle this flag with what you found" if is_grave else ""
    evidence = {
        "labels": [{"serial": one.serial, "number": one.number, "stage": one.stage} for one in labels],
    }
    finding = Finding(
        FlagCode.LABEL_UNRECONCILED, "", Severity.CRITICAL if is_grave else Severity.ATTENTION,
        min(at for at, _ in ended), None, f"{labels_words(labels)}; the step that each belongs to has ended.",
        f"{FIND}{settles}.", evidence, gist=gist_of("open labels", (one.serial for one in labels)),
    )  # fmt: skip
    return Found([finding], None)


def _ended_at(facts: OrderFacts, label: OpenLabel) -> datetime | None:
    """When the step of the label ended (that of no step: the order), or the label was printed later; None: not yet."""
    stage, ended = facts.stages.get(label.stage), facts.ended_at
    if stage is not None and ended is None:
        run = stage.run
        if label.attempt is not None and label.attempt < run.attempt:
            return label.printed_at
        ended = (run.completed_at or run.failed_at or label.printed_at) if run.status in ENDED else None
    return max(ended, label.printed_at) if ended else None


def _is_release_next(facts: OrderFacts) -> bool:
    """Whether the dose stands at its release, or behind it."""
    releases = [stage.run.status for stage in facts.stages.values() if stage.plan.kind == StageKind.RELEASE]
    return any(status != StageStatus.PENDING for status in releases)
