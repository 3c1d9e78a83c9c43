"""What is asked with the reports of transports."""

from dataclasses import replace

from supplychain.flows.rules.checklists import CheckItem, CheckKind
from supplychain.flows.rules.plans import StagePlan
from supplychain.orders.rules.delays import EXPECTED_AT
from supplychain.orders.statuses import DelayCause, Destination, NewArrival, Packaging, SealFound, StageEventKind
from supplychain.recording.rules.asked import FieldKind, ReportField

COURIER = ReportField("courier", "Courier", is_required=True)
SHIPPER = ReportField("shipper_number", "Dry shipper number", is_identity=True)
QUALIFIED = ReportField("qualified_until", "Cold guaranteed until", FieldKind.MOMENT)

# Of a transport that does not go as it was booked.
DELAY = (
    ReportField(EXPECTED_AT, "New expected arrival", FieldKind.MOMENT, hint="Empty only if nobody knows it."),
    ReportField(
        "arrival", "Whether it is known", FieldKind.CHOICE, is_required=True, choices=tuple(NewArrival.choices)
    ),
    ReportField("cause", "Why", FieldKind.CHOICE, is_required=True, choices=tuple(DelayCause.choices)),
    ReportField("reason", "Details", FieldKind.LONG_TEXT, hint="Needed for another reason. Kept with the order."),
)
REROUTING = (
    ReportField(
        "destination", "Where it goes now", FieldKind.CHOICE, is_required=True, choices=tuple(Destination.choices)
    ),
    ReportField("place", "Name of another place"),
    ReportField("route", "New route or flight"),
    ReportField("courier", "New courier", hint="Empty if the same one carries it."),
    *DELAY,
)

# Of the packing of a shipper at the beginning of a transport, and its unpacking at the end; around their checklists.
SEAL_FIELD = ReportField("seal_number", "Number of the seal", is_identity=True)
LOGGERS_FIELD = ReportField(
    "loggers", "Numbers of the loggers in it", FieldKind.LONG_TEXT, is_identity=True, hint="One a line."
)
REMARK_FIELD = ReportField("remark", "Remark", FieldKind.LONG_TEXT, is_identity=True)
PACKED = replace(
    SHIPPER, label="Number of the shipper", is_required=True,
    hint="Scan it, or type it; the type of a box that has none.",
)  # fmt: skip
UNPACKED = (
    replace(SHIPPER, label="Number of the shipper", hint="As read now."),
    ReportField(
        "packaging", "Packaging", FieldKind.CHOICE, is_required=True, choices=tuple(Packaging.choices),
        is_identity=True,
    ),
    ReportField(
        "seal", "Seal", FieldKind.CHOICE, is_required=True, choices=tuple(SealFound.choices), is_identity=True,
    ),
    replace(SEAL_FIELD, hint="As read now, whether it is the one that was reported or not."),
)  # fmt: skip
YES_NO = (("yes", "Yes"), ("no", "No"))
CRITICAL_ITEM = "Critical: the cells wait for quality assurance while this is not as it must be."
FIELD_KINDS = {CheckKind.YES_NO: FieldKind.CHOICE, CheckKind.NUMBER: FieldKind.NUMBER}


def shipment_fields(plan: StagePlan, kind: str) -> tuple[ReportField, ...]:
    """What is asked of a delay, rerouting, packing or unpacking; empty for any other report."""
    match kind:
        case StageEventKind.SHIPMENT_DELAYED:
            return DELAY
        case StageEventKind.SHIPMENT_REROUTED:
            return REROUTING
        case StageEventKind.SHIPMENT_PACKED:
            cold = replace(QUALIFIED, hint="Empty: as long as the shipper is qualified for, from its packing.")
            return PACKED, SEAL_FIELD, LOGGERS_FIELD, cold, *_checklist(plan.packing), REMARK_FIELD
        case StageEventKind.SHIPMENT_UNPACKED:
            return *UNPACKED, *_checklist(plan.unpacking), REMARK_FIELD
    return ()


def _checklist(items: tuple[CheckItem, ...]) -> tuple[ReportField, ...]:
    """A field for each item of a checklist, asked of each order apart."""
    return tuple(
        ReportField(
            f"check_{item.code}",
            item.asked,
            FIELD_KINDS.get(item.kind, FieldKind.LONG_TEXT),
            item.is_required,
            " ".join(filter(None, (CRITICAL_ITEM if item.is_critical else "", item.who and f"By: {item.who}."))),
            is_identity=True,
            choices=YES_NO if item.kind == CheckKind.YES_NO else (),
            item=item,
        )
        for item in items
    )
