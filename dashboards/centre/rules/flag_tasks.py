"""What the flags of an order ask of a centre: on My centre in the words of the order's page. Pure."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import NamedTuple

from batches.flags.rules.centre_words import asked_of_centre
from batches.flags.rules.donations import ON_BAG
from batches.flags.rules.harm import urgency
from batches.judgement.statuses import FlagCode
from dashboards.centre.rules.facts import CardFacts, FlagFacts
from supplychain.flows.rules.plans import StagePlan
from supplychain.flows.statuses import Direction, StageKind, StagePlace
from supplychain.orders.rules.duties import HAND_OVER_PLACES
from supplychain.orders.statuses import StageStatus
from supplychain.sentences import said_in

IN_RECORDS = "your record of the label"
ONLY_RECORDS = "The cells have left you: compare the records and labels of your collection with this order"


class FlagTask(NamedTuple):
    """What one flag asks of the centre, its moments in the zone of the reader."""

    code: str
    stage: str
    text: str


def flag_tasks(facts: CardFacts, now: datetime, zone: tzinfo) -> tuple[FlagTask, ...]:
    """What the flags ask, the worst harm first; nothing of what was decided, or is another centre's to do."""
    raised = sorted(facts.flags, key=urgency)
    asked = [(flag, _asked(facts, flag)) for flag in raised if _is_asking(facts, flag)]
    return tuple(
        FlagTask(flag.code, flag.stage, said_in(text, zone, now))
        for flag, text in asked
        if text and _is_of_own(facts, flag, text)
    )


def _asked(facts: CardFacts, flag: FlagFacts) -> str:
    text = asked_of_centre(flag.next_step)
    return text.replace(ON_BAG, IN_RECORDS) if has_only_records(facts) else text


def task_of(tasks: Sequence[FlagTask], stage: str, codes: Sequence[str]) -> str:
    """What a flag of one of these codes asks of the stage; empty: nothing."""
    return next((one.text for one in tasks if one.stage == stage and one.code in codes), "")


def is_ours(facts: CardFacts, plan: StagePlan) -> bool:
    """Whether the stage is performed, or its cells are handed over or taken in, at one of the person's centres."""
    return plan.place in facts.own or HAND_OVER_PLACES.get(plan.direction) in facts.own


def stop_tasks(facts: CardFacts) -> tuple[str, ...]:
    """What stops the harm of a dose or an identity in doubt, the worst first: everybody's task, given or not, and
    whoever has seen the flag, until it is settled. A centre that only collects and has nothing of the cells any more
    can stop nothing."""
    doubts = sorted((flag for flag in facts.flags if flag.stops), key=urgency)
    if doubts and has_only_records(facts):
        call = f"{facts.plant}{f' ({facts.telephone})' if facts.telephone else ''}"
        return (f"{ONLY_RECORDS}; if they show anything wrong, call {call} at once.",)
    return tuple(dict.fromkeys(f"{flag.stops}." for flag in doubts))


def has_only_records(facts: CardFacts) -> bool:
    """Whether the person's centres only collect for the order, and its cells have left them."""
    left = (StageStatus.RUNNING, StageStatus.COMPLETED)
    ways = facts.stages_of(StageKind.TRANSPORT, Direction.INBOUND)
    have_left = facts.infused_at is not None or any(facts.status_of(way.code) in left for way in ways)
    return facts.own == {StagePlace.COLLECTION_SITE} and have_left


def _is_asking(facts: CardFacts, flag: FlagFacts) -> bool:
    """A request that was declined asks to be read: once."""
    return facts.still_asks(flag) and not (flag.code == FlagCode.CHANGE_ASKED and flag.is_acknowledged)


def _is_of_own(facts: CardFacts, flag: FlagFacts, text: str) -> bool:
    """By the stages that the text names, else by the flag's own; what is of no stage is of every centre."""
    plans = facts.flow.stages
    named = [plan for plan in plans.values() if plan.name in text]
    named = named or [plan for code, plan in plans.items() if code == flag.stage]
    return not named or any(is_ours(facts, plan) for plan in named)
