"""What is asked with each report that a person makes, and the words of its button."""

from dataclasses import replace

from supplychain.flows.rules.plans import StagePlan
from supplychain.flows.statuses import Direction, StageKind
from supplychain.orders.rules import verbs
from supplychain.orders.rules.collections import open_points
from supplychain.orders.rules.duties import NEW_ATTEMPT
from supplychain.orders.rules.hand_overs import TAKERS
from supplychain.orders.rules.interlocks import OVERRIDE
from supplychain.orders.rules.packing import PACKED, packing_of
from supplychain.orders.rules.second_people import PERSON, asks_two
from supplychain.orders.rules.signing import act_of
from supplychain.orders.rules.states import CELLS_DECIDED, OPEN_REASON, OrderState
from supplychain.orders.rules.verbs import NEW_END, event_words, verb_of
from supplychain.orders.statuses import (
    ChangeCause,
    ChangeOutcome,
    ChangeWish,
    Holder,
    OrderEventKind,
    Packaging,
    Seal,
    StageEventKind,
)
from supplychain.recording.rules.asked import FieldKind, ReportField
from supplychain.recording.rules.corrections import cells_of, cells_undecided
from supplychain.recording.rules.shipment_fields import COURIER, QUALIFIED, SHIPPER, shipment_fields

REASON = ReportField("reason", "Reason", FieldKind.LONG_TEXT, is_required=True, hint="Kept with the order for good.")
OVERRIDE_REASON = ReportField(
    OVERRIDE,
    "Why it may go on although it is flagged",
    FieldKind.LONG_TEXT,
    is_required=True,
    hint="Your decision for quality assurance: kept with this report, under your name.",
)
NOTE = ReportField("note", "What should be known", FieldKind.LONG_TEXT, is_required=True)
DONATION = ReportField(
    "donation_number", "Donation number", is_required=True, is_identity=True,
    hint="Scan it from the bag's label, or type it with the boxed character at its end.",
)  # fmt: skip
DONATION_REASON = ReportField(
    "donation_reason", "Why it is right though it looks wrong", FieldKind.LONG_TEXT, is_identity=True,
    hint="Only for a number of another form or facility, or on another order too; kept with the order for good.",
)  # fmt: skip
OPEN_COLLECTION = ReportField(
    OPEN_REASON, "Why it is completed although its record is open", FieldKind.LONG_TEXT, is_required=True,
    is_identity=True,
)  # fmt: skip
RELEASE = ReportField(
    "release_reference", "Reference in your quality system", is_required=True, is_identity=True,
    hint="Recorded here, signed in your quality system: the number under which the signed decision stands there.",
)  # fmt: skip
SIGNED_RELEASE = replace(
    RELEASE, is_required=False,
    hint="You sign the release here. Its number in another quality system, where there is one.",
)  # fmt: skip
BATCH = ReportField("batch_number", "Batch number", is_required=True, is_identity=True)
TRACKING = ReportField("tracking_number", "Tracking number", is_identity=True, hint="From the courier's label.")
SUITE = ReportField("suite", "Suite", hint="Where the batch is made.")
BEGIN = ReportField("planned_start_at", "Booked start", FieldKind.MOMENT, is_required=True)
END = ReportField("planned_end_at", "Booked end", FieldKind.MOMENT)
NEW_END_AT = ReportField(
    "planned_end_at", "Expected end now", FieldKind.MOMENT, is_required=True,
    hint="By then it has to be over, or its end is asked for again.",
)  # fmt: skip
PICKUP = ReportField("planned_pickup_at", "Booked pickup", FieldKind.MOMENT, is_required=True)
DELIVERY = ReportField("planned_delivery_at", "Booked delivery", FieldKind.MOMENT)
NEW_DELIVERY_AT = replace(NEW_END_AT, name="planned_delivery_at", label="Expected delivery now")
# Of a cancellation while cells are in hand: that it is meant all the same; of the closing of a cancelled order: what
# becomes of them.
CELLS_TOLD = "cells"
PROMISE = ReportField("promised_at", "Dose ready to infuse at", FieldKind.MOMENT, is_required=True)

# Who gives the cells and who takes them; what is not known is left empty.
HAND_OVER = (
    ReportField("from", "Who gives the cells", FieldKind.CHOICE, is_required=True, choices=tuple(Holder.choices)),
    ReportField(
        "to", "Who takes them", FieldKind.CHOICE, is_required=True,
        choices=tuple((one.value, one.label) for one in TAKERS),
    ),
    ReportField("place", "Where they are now", hint="Within the house, such as ward, pharmacy or freezer."),
    ReportField("received_by", "Name of who takes them"),
    ReportField(PERSON, "Second person who saw it", hint="Where your procedure asks for two people."),
    ReportField("courier", "Courier", hint="Who drives, if one gives or takes them."),
    ReportField("seal", "Seal", FieldKind.CHOICE, choices=tuple(Seal.choices)),
    ReportField("packaging", "Packaging", FieldKind.CHOICE, choices=tuple(Packaging.choices)),
    ReportField("remark", "Remark", FieldKind.LONG_TEXT),
)  # fmt: skip

MORE = ReportField(
    "reason", "Details for the plant", FieldKind.LONG_TEXT, hint="No name or birth date. Kept with the order.",
)  # fmt: skip
WANTED = ReportField("wanted_at", "To postpone: dose wanted at", FieldKind.MOMENT)
NEW_PROMISE = ReportField("promised_at", "If you agree: dose ready to infuse at", FieldKind.MOMENT)
TOLD_REASON = ReportField(
    "reason", "Details for the centre", FieldKind.LONG_TEXT, hint="Needed if you decline. Kept with the order.",
)  # fmt: skip
GOES_ON = "everything goes on as planned"
AGREES: dict[str, str] = {
    ChangeWish.HOLD: "Agree: put the order on hold now",
    ChangeWish.POSTPONE: "Agree: promise a later date",
    ChangeWish.CANCEL: "Agree: cancel the order now",
    ChangeWish.RESUME: "Agree: take the order off hold now",
}

NEEDS_REASON = frozenset(
    {
        StageEventKind.FAILED, StageEventKind.HELD, StageEventKind.RESUMED, StageEventKind.SKIPPED,
        OrderEventKind.PROMISED, OrderEventKind.CANCELLED, OrderEventKind.TAKEN_BACK, NEW_ATTEMPT, NEW_END,
    }
)  # fmt: skip
# Of a note: what a correction may give anew; the newest word for an identifier or detail counts.
CORRECTIONS = {
    StageKind.COLLECTION: ("donation_number", "donation_reason"),
    StageKind.TRANSPORT: ("tracking_number",),
    StageKind.MANUFACTURING: ("batch_number",),
}

# What is done to a whole order, where the button is another word than the event.
DEEDS_OF_ORDER: dict[str, str] = {
    OrderEventKind.HANDED_OVER: "Cells change hands",
    OrderEventKind.CHANGE_ASKED: "Ask the plant to hold, postpone or cancel",
    OrderEventKind.TAKEN_BACK: "Take the request back",
    OrderEventKind.ANSWERED: "Answer the centre’s request",
}


def report_words(plan: StagePlan | None, kind: str) -> str:
    """The words of the button: “Apheresis started”."""
    if plan and kind == NEW_ATTEMPT:
        return f"New attempt from {plan.name}"
    return (not plan and DEEDS_OF_ORDER.get(kind)) or event_words(plan, kind)


def short_words(plan: StagePlan | None, kind: str) -> str:
    """The same where the stage's name stands beside it already: “Started”."""
    if plan is None or kind == NEW_ATTEMPT:
        return report_words(plan, kind)
    verb = verb_of(plan.kind, kind)
    return verb[:1].upper() + verb[1:]


def fields_of(plan: StagePlan | None, kind: str, state: OrderState) -> tuple[ReportField, ...]:
    """What is asked besides the moment, in the order in which it is asked."""
    reason = (REASON,) if kind in NEEDS_REASON else ()
    if plan is None:
        return (*_order_fields(kind, state), *reason)
    return (*_stage_fields(plan, kind, state), *reason)


def _order_fields(kind: str, state: OrderState) -> tuple[ReportField, ...]:
    match kind:
        case OrderEventKind.PROMISED:
            return (PROMISE,)
        case OrderEventKind.HANDED_OVER:
            asks = asks_two(state.flow)
            return tuple(field for field in HAND_OVER if not (asks and field.name == PERSON))
        case OrderEventKind.CANCELLED if where := cells_of(state):
            meant = (("told", "Cancel all the same: I have whoever has the cells keep them until that is decided"),)
            label = f"The patient’s cells are in hand: {where}"
            return (ReportField(CELLS_TOLD, label, FieldKind.CHOICE, is_required=True, choices=meant),)
        case OrderEventKind.CLOSED if where := cells_undecided(state):
            decided = ((CELLS_DECIDED, "Decided: the reason says what becomes of them, and whoever has them is told"),)
            label = f"The patient’s cells: {where}"
            return ReportField(CELLS_TOLD, label, FieldKind.CHOICE, is_required=True, choices=decided), REASON
        case OrderEventKind.CHANGE_ASKED:
            needless = ChangeWish.HOLD if state.held_at else ChangeWish.RESUME
            wishes = tuple(choice for choice in ChangeWish.choices if choice[0] != needless)
            wish = ReportField("wish", "What you ask for", FieldKind.CHOICE, is_required=True, choices=wishes)
            causes = tuple(choice for choice in ChangeCause.choices if state.held_at or choice[0] != ChangeCause.WELL)
            cause = ReportField("cause", "Why", FieldKind.CHOICE, is_required=True, choices=causes)
            return wish, cause, WANTED, MORE
        case OrderEventKind.ANSWERED if state.change:
            choices = (
                (ChangeOutcome.AGREED.value, AGREES[state.change.wish]),
                (ChangeOutcome.DECLINED.value, f"Decline: {'the order stays on hold' if state.held_at else GOES_ON}"),
            )
            answer = ReportField("answer", "Your answer", FieldKind.CHOICE, is_required=True, choices=choices)
            date = (NEW_PROMISE,) if state.change.wish == ChangeWish.POSTPONE else ()
            return answer, *date, TOLD_REASON
    return ()


def _stage_fields(plan: StagePlan, kind: str, state: OrderState) -> tuple[ReportField, ...]:
    if asked := shipment_fields(plan, kind):
        return asked
    match kind, plan.kind:
        case verbs.NEW_END, _:
            return (NEW_DELIVERY_AT if plan.kind == StageKind.TRANSPORT else NEW_END_AT,)
        case StageEventKind.COMPLETED, StageKind.COLLECTION:
            return DONATION, DONATION_REASON, *_open_collection(plan, state)
        case StageEventKind.COMPLETED, StageKind.RELEASE:
            return (RELEASE if act_of(plan, kind, {}) not in state.flow.signed_acts else SIGNED_RELEASE,)
        case StageEventKind.SCHEDULED, StageKind.TRANSPORT:
            return PICKUP, DELIVERY, COURIER, TRACKING
        case StageEventKind.SCHEDULED, _:
            return BEGIN, END
        case StageEventKind.STARTED, StageKind.TRANSPORT:
            is_told = plan.direction != Direction.OUTBOUND or packing_of(state.run_of(plan.code), PACKED)
            cold = () if is_told else (SHIPPER, QUALIFIED)
            return COURIER, TRACKING, *cold
        case StageEventKind.STARTED, StageKind.MANUFACTURING if _makes_a_new_batch(plan, state):
            return BATCH, SUITE
        case StageEventKind.NOTE, _:
            return NOTE, *_corrections(plan)
    return ()


def _open_collection(plan: StagePlan, state: OrderState) -> tuple[ReportField, ...]:
    """Why a collection may be reported completed while its record and checklist are not as its product wants them."""
    points = open_points(plan, state.run_of(plan.code))
    hint = f"{' · '.join(point.words for point in points)}. Fill in the collection’s record first, or say why not."
    return (replace(OPEN_COLLECTION, hint=hint),) if points else ()


def _makes_a_new_batch(plan: StagePlan, state: OrderState) -> bool:
    """Whether making begins here: no stage of this attempt has a batch number yet."""
    made = state.flow.followers[state.flow.restart_stage]
    known = any("batch_number" in run.details for run in state.runs.values() if run.attempt == state.attempt)
    return plan.code in made and not known


def _corrections(plan: StagePlan) -> tuple[ReportField, ...]:
    every = {field.name: field for field in (DONATION, TRACKING, BATCH)}
    wanted = CORRECTIONS.get(StageKind(plan.kind), ())
    return tuple(
        ReportField(name, f"{every[name].label}, if it must be put right", is_identity=True)
        if name in every
        else DONATION_REASON
        for name in wanted
    )
