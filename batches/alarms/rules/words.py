"""What the figures of alarms say, in sentences. Pure."""

from batches.alarms.rules.figures import AlarmFigures, AlarmRow
from batches.alarms.rules.proposals import ThresholdProposal
from batches.alarms.rules.rates import rate_words
from batches.alarms.rules.replays import ThresholdFigures
from batches.calibration.rules.words import percent
from batches.judgement.rules.shares import Chance
from batches.judgement.statuses import Severity
from supplychain.words import hours_words

GIVEN = {Severity.ATTENTION: "The flag for the promise", Severity.CRITICAL: "As critical it"}


def promise_words(row: AlarmRow) -> list[str]:
    """What the flag for the promise was worth, a figure a sentence."""
    found = row.figures
    if found.is_few:
        return [f"{GIVEN[row.level]}: {few_words(found)}"]
    others = found.orders - found.came
    said = [
        f"{GIVEN[row.level]} was raised for {found.hits} of the {found.came} late orders before they were late: "
        f"{sure(found.recall)}.",
        f"Of the {others} others {found.false_alarms} had it for nothing: {sure(found.fallout)}.",
        f"So of the {found.flagged} flagged {found.hits} came late: {sure(found.precision)}.",
    ]
    if found.warning:
        said.append(f"Half of the right ones came {hours_words(found.warning.median)} or more before the promise.")
    return said


def few_words(found: AlarmFigures) -> str:
    """Why nothing can be said, with the counts."""
    return (
        f"too few to say. Of {_orders(found.orders)} {found.came} came late; flagged: {found.flagged}, rightly: "
        f"{found.hits}."
    )


def sure(share: Chance) -> str:
    """A share with its 95 % interval."""
    return f"{percent(share.share)} ({percent(share.low)[:-2]}–{percent(share.high)})"


def proposal_words(one: ThresholdProposal) -> list[str]:
    """What is proposed for a product, with its effect on the past."""
    if one.present is None or one.base_rate is None:
        return ["No past order of it has a prediction and a known outcome yet."]
    said = _present_words(one, one.present)
    if one.costs is None:
        return [*said, "What acting on a flag and a late dose cost is not entered, so no threshold is proposed."]
    pays = one.costs.pays_from
    textbook = f"flags pay from {percent(pays)}" if pays else "no flag pays: acting costs more than it can save"
    right = f"If P(late) is right, {textbook}."
    if one.is_few:
        return [*said, f"Too few past orders to choose a threshold by. {right}"]
    return [*said, *_best_words(one), right]


def _present_words(one: ThresholdProposal, present: ThresholdFigures) -> list[str]:
    limits, found = one.limits, present.figures
    late = percent(one.base_rate or 0)
    return [
        f"Now: attention from {percent(limits.attention)}, critical from {percent(limits.critical)}.",
        f"Of {_orders(found.orders, 'past ')} {late} came late.",
        f"By the ledger attention would have flagged {_effect(present)}",
    ]


def _best_words(one: ThresholdProposal) -> list[str]:
    best, now = one.best, one.present_cost
    if best is None or now is None:
        return []
    if not one.is_change:
        where = "no flag at all" if best.threshold is None else percent(best.threshold)
        if best.cost >= now:
            return [f"No other threshold would have cost less than {now:.3g} an order."]
        return [
            f"The least would have been {where}, {best.cost:.3g} an order instead of {now:.3g}; so few orders cannot "
            "tell them apart, so no change is proposed."
        ]
    if best.effect is None or best.threshold is None:
        return [f"Proposed: no flag. It would have cost least: {best.cost:.3g} an order instead of {now:.3g}."]
    return [
        f"Proposed: attention from {percent(best.threshold)}. It would have cost {best.cost:.3g} an order instead of "
        f"{now:.3g}. It would have flagged {_effect(best.effect)}",
    ]


def _effect(one: ThresholdFigures) -> str:
    """What a threshold would have flagged; ends the sentence and adds how often."""
    found = one.figures
    return (
        f"{_orders(found.flagged)}, {found.false_alarms} of them for nothing, and missed {found.missed} late. "
        f"Alarms: {rate_words(one.per_shift)}."
    )


def _orders(number: int, kind: str = "") -> str:
    return f"{number} {kind}order{'' if number == 1 else 's'}"
