"""Flags about donation numbers that a system reported: a person is asked for a reason at once, a system is not.

Facts are kept as they come; whether the bag is the right patient's must not hang on a number that nobody can compare.
"""

from datetime import datetime

from batches.judgement.rules.facts import DonationNumber, OrderFacts
from batches.judgement.rules.findings import NOTHING, Finding, Found
from batches.judgement.statuses import FlagCode, Severity
from supplychain.identifiers.rules.donation_numbers import donation_doubt, donation_problem, is_in_form
from supplychain.orders.statuses import DONE_STAGE_STATUSES, OrderStatus

ON_BAG = "the label on the bag"


def compare_label(number: str) -> str:
    """What the centre does about a number in doubt; `number`: what the sentence calls it."""
    return f"Coordinator: compare {number} with {ON_BAG}, and report the right number anew"


COMPARE = f"{compare_label('it')}, or this one with the reason why it is right."
STOP = f"QA: use no material until it is clear whose bag it is. {COMPARE}"


def donation_doubted(facts: OrderFacts, now: datetime) -> Found:
    """Donation numbers that were misread, or given by another facility than the collection centre: critical, the bag
    may be another patient's. Attention where the form is another: nobody can compare it with a label by its rules.

    The words are refreshed by the hour, because it ends when the administration learns the centre's facility number.
    """
    findings = [finding for one in facts.donations if (finding := _finding(one))]
    return Found(findings, None) if findings else NOTHING


def given_in_doubt(facts: OrderFacts, now: datetime) -> Found:
    """Of an ended order: a number in grave doubt counts if its dose was given."""
    was_given = facts.stages[facts.flow.exit].run.status in DONE_STAGE_STATUSES
    if facts.status != OrderStatus.CLOSED or not was_given:
        return NOTHING
    grave = [one for one in donation_doubted(facts, now).findings if one.severity == Severity.CRITICAL]
    return Found(grave, None)


def _finding(number: DonationNumber) -> Finding | None:
    misread = donation_problem(number.value)
    doubt = misread or donation_doubt(number.value, number.facilities)
    if not doubt:
        return None
    is_grave = bool(misread) or is_in_form(number.value)
    return Finding(
        FlagCode.DONATION_NUMBER,
        "",
        Severity.CRITICAL if is_grave else Severity.ATTENTION,
        number.since,
        None,
        f"Donation number {number.value}: {misread}" if misread else doubt,
        STOP if is_grave else COMPARE,
        {"value": number.value, "facilities": list(number.facilities)},
        moves=True,
        gist="in doubt",
        subject=number.value,
    )
