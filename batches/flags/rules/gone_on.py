"""Work that went on in spite of a flag: systems are heard whatever is flagged, and the flag must tell of it. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from batches.flags.rules.centre_words import ANSWER_STEP
from batches.flags.rules.decided import left_to_do
from batches.flags.rules.early import WITHOUT_CELLS
from batches.flags.rules.rejected import are_cells_lost
from batches.flags.rules.shared import unsettled_partners
from batches.flags.rules.stops import doubt_of
from batches.flags.statuses import SETTLED_AT, SETTLED_BY, TESTED_AGAIN_AT, flag_title
from batches.forecasts.rules.conditions import (
    IF_CELLS_STOOD,
    IF_CELLS_USED,
    IF_DOSE_CLEARED,
    IF_DOSE_STOOD,
    IF_RESULT_CLEARED,
)
from batches.judgement.rules.doubts import StandingDoubt
from batches.judgement.rules.facts import OrderFacts
from batches.judgement.rules.findings import Finding, gist_of, one_line
from batches.judgement.rules.without_cells import unreported_words
from batches.judgement.statuses import FlagCode, Harm
from supplychain.flows.statuses import HOLDS_CELLS, StageKind
from supplychain.orders.rules.interlocks import OF_FAILURE, decides_dose, is_dose_in_doubt, is_made_of
from supplychain.orders.statuses import Doubt, ExcursionDecision, StageEventKind
from supplychain.words import listed_words, with_verb

# Tests work on samples: theirs may go on, and may be what clears the doubt.
ON_CELLS = (*HOLDS_CELLS, StageKind.RELEASE)
IF_CLEARED = {
    Doubt.IDENTITY: "if the identity is cleared",
    Doubt.RECORD: IF_DOSE_CLEARED,
    Doubt.CELLS: IF_CELLS_USED,
    Doubt.LABELS: "if the labels are accounted for",
    Doubt.FAILURE: IF_RESULT_CLEARED,
}
# Of a gap of custody, which puts the identity in doubt, too; another doubt about it goes before.
IF_CUSTODY = "if the custody is cleared"
# Why a settled flag stands again.
SAID_WRONG = "one person says that the decision was wrong, and a second one has still to confirm it"
TAKEN_BACK = "two people have said that the decision was wrong"


def with_work_gone_on(facts: OrderFacts, findings: Iterable[Finding], now: datetime) -> list[Finding]:
    """The findings; those of a doubt say what was begun or ended on the cells after they had been raised, and that the
    decision of quality assurance about them is said to be wrong.

    That is another fact: whoever acknowledged the flag, or was told that it is settled, did not know it. What is
    reported for a moment still to come (`goes_on_at`) has not been done.
    """
    standing = {(one.code, one.stage, one.subject): one for one in facts.doubts}
    return [_with_news(facts, one, standing.get((one.code.value, one.stage, one.subject)), now) for one in findings]


def goes_on_at(facts: OrderFacts) -> list[datetime | None]:
    """When work goes on in spite of a flag, as it was reported."""
    return [at for doubt in facts.doubts for _, _, at in doubt.went_on]


def _if_not_rejected(one: Finding) -> str:
    """Of cells or a dose that quality assurance rejected: nothing is left to clear, only to take back."""
    if one.code == FlagCode.DOSE_REJECTED:
        return IF_CELLS_STOOD if are_cells_lost(one) else IF_DOSE_STOOD
    is_rejected = one.code == FlagCode.EXCURSION and one.evidence.get("decision") == ExcursionDecision.REJECT
    return "if the cells had not been rejected" if is_rejected else ""


def if_cleared(facts: OrderFacts, findings: Iterable[Finding]) -> tuple[str, Finding | None]:
    """On what a forecast rests while something is in doubt and quality assurance has not settled it, and the flag that
    is to be settled; empty: on nothing."""
    for one in findings:
        if (words := _if_not_rejected(one)) and decision_on(facts, one) is None:
            return words, one
    for doubt, words in IF_CLEARED.items():
        for one in sorted(findings, key=_is_of_custody):
            if _is_open(facts, one, doubt) and decision_on(facts, one) is None:
                words = IF_CUSTODY if _is_of_custody(one) else words
                return (unreported_words(facts) if WITHOUT_CELLS in one.evidence else words), one
    return "", None


def _is_of_custody(finding: Finding) -> bool:
    return finding.code == FlagCode.CUSTODY_GAP


def _is_open(facts: OrderFacts, finding: Finding, doubt: Doubt) -> bool:
    """Whether a finding puts this in doubt of the dose that is foreseen. After what failed another attempt is: it
    counts only where the dose is out all the same, or was tested again."""
    if doubt_of(finding.code, finding.severity, finding.evidence) != doubt:
        return False
    is_of_dose = finding.stage in facts.flow.stages and is_dose_in_doubt(facts.flow, finding.stage)
    return doubt != Doubt.FAILURE or (is_of_dose and bool({"dose", TESTED_AGAIN_AT} & finding.evidence.keys()))


def decision_on(facts: OrderFacts, finding: Finding) -> StandingDoubt | None:
    """The decision of quality assurance on what a finding tells, with its flag; None: there is none, or it was about
    another fact."""
    key = (finding.code.value, finding.stage, finding.subject)
    own = [one for one in facts.doubts if one.is_settled and (one.code, one.stage, one.subject) == key]
    is_doubt = bool(own) and bool(doubt_of(finding.code, finding.severity, finding.evidence))
    return own[0] if is_doubt and own[0].gist in ("", finding.gist) else None


def with_decisions(facts: OrderFacts, findings: Iterable[Finding]) -> list[Finding]:
    """The findings; those that quality assurance settled say what it decided, and ask for what that leaves to do, once
    a doubt that stops all work on the cells is settled, and what the centre asked is answered."""
    decisions = [(one, decision_on(facts, one)) for one in findings]
    stops = next((one for one, said in decisions if said is None and _stops_all(one)), None)
    return [_settled(facts, one, said, stops) if said else one for one, said in decisions]


def _stops_all(finding: Finding) -> bool:
    return doubt_of(finding.code, finding.severity, finding.evidence) in (Doubt.IDENTITY, Doubt.RECORD)


def _settled(facts: OrderFacts, finding: Finding, said: StandingDoubt, stops: Finding | None) -> Finding:
    if said.settled_at is None:
        return finding
    evidence = finding.evidence | settled_evidence(said.settled_by, said.settled_at)
    if left := left_to_do(facts, finding):
        if stops:
            title = flag_title(stops.code, stops.evidence)
            left = f"QA: settle “{title}” first; until then nothing is begun. After that: {left}"
        elif facts.change and facts.change.stops:
            left = f"{ANSWER_STEP} If the order goes on, {left}"
        decided = f"{said.settled_by} of quality assurance decided: “{said.settled_reason}”"
        next_step = one_line(f"{left}. {decided}")
        return replace(finding, next_step=next_step, evidence=evidence, asks_reports=False)
    beside = unsettled_partners(facts, finding.subject) if finding.code == FlagCode.IDENTITY_SHARED else ""
    next_step = settled_words(said.settled_by, said.settled_reason, beside)
    return replace(finding, harm=Harm.SETTLED, next_step=next_step, evidence=evidence, asks_reports=False)


def settled_words(by: str, reason: str, beside: str = "") -> str:
    """The next step of a flag that is settled: of it alone, for others of the order may stand. `beside`: what stands
    all the same."""
    said = f"Nothing more about this flag: {by} of quality assurance settled it: “{reason}”"
    return one_line(f"{beside}. {said}" if beside else said)


def settled_evidence(by: str, at: datetime) -> dict[str, str]:
    """What the evidence of a flag that is settled has besides."""
    return {SETTLED_AT: at.isoformat(), SETTLED_BY: by}


def _with_news(facts: OrderFacts, finding: Finding, standing: StandingDoubt | None, now: datetime) -> Finding:
    found = _with_work(facts, finding, standing, now)
    if standing is None or not standing.decisions_withdrawn or not doubt_of(found.code, found.severity, found.evidence):
        return found
    gist = f"{found.gist}; decisions withdrawn: {standing.decisions_withdrawn}"
    if standing.is_settled:
        return replace(found, gist=gist)
    taken_back = SAID_WRONG if standing.is_decision_doubted else TAKEN_BACK
    return replace(found, gist=gist, why=f"Settled no longer, {taken_back}: {found.why}")


def _with_work(facts: OrderFacts, finding: Finding, standing: StandingDoubt | None, now: datetime) -> Finding:
    doubt = doubt_of(finding.code, finding.severity, finding.evidence)
    if not doubt or standing is None:
        return finding
    done = [(stage, kind) for stage, kind, at in standing.went_on if at <= now]
    at_stake = [one for one in done if _is_at_stake(facts, finding, doubt, one[0])]
    went_on = dict(reversed(at_stake))  # of a stage what was said first
    if not went_on:
        return finding
    by_deed: dict[str, list[str]] = {}
    for code, stage in facts.stages.items():  # in the order of the journey
        if code in went_on:
            by_deed.setdefault(_done(went_on[code]), []).append(stage.plan.name)
    said = [_said(names, deed) for deed, names in by_deed.items()]
    gist = f"{finding.gist}; {gist_of('went on', went_on)}"
    why = f"{listed_words(said)} in spite of it: {finding.why}"
    return replace(finding, why=why, gist=gist, evidence=finding.evidence | {"went_on": list(went_on)})


def _said(names: list[str], deed: str) -> str:
    """“Receipt was begun”, “Receipt and Selection were begun”."""
    return f"{listed_words(names)} were {deed}" if names[1:] else with_verb(names[0], f"was {deed}")


def _done(kind: str) -> str:
    return "begun" if kind == StageEventKind.STARTED else "completed"


def _is_at_stake(facts: OrderFacts, finding: Finding, doubt: str, code: str) -> bool:
    """Whether this work is on what the finding puts in doubt: all cells, or what comes behind the flagged stage."""
    stage = facts.stages.get(code)
    if stage is None or stage.plan.kind not in ON_CELLS:
        return False
    if doubt == Doubt.IDENTITY:
        return True
    if doubt == Doubt.CHECKLIST:
        return False
    if doubt == Doubt.REJECTED:
        return is_made_of(facts.flow, finding.stage, code)
    if doubt in (Doubt.CELLS, Doubt.LABELS):
        return code != finding.stage and decides_dose(facts.flow, code)
    if doubt in OF_FAILURE and not is_dose_in_doubt(facts.flow, finding.stage):
        return False
    is_of_now = finding.evidence.get("attempt", facts.attempt) == facts.attempt
    behind = facts.flow.followers.get(finding.stage, frozenset())
    return code != finding.stage and code in behind and (is_of_now or finding.code != FlagCode.STAGE_FAILED)
