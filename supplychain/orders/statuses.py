"""Where orders and their stages stand, and what can be said of them. A status is never compared as a bare string."""

from django.db.models import TextChoices


class Priority(TextChoices):
    """How urgent an order is."""

    ROUTINE = "routine", "Routine"
    URGENT = "urgent", "Urgent"


class OrderStatus(TextChoices):
    """Where an order stands as a whole."""

    ORDERED = "ordered", "Ordered"
    CONFIRMED = "confirmed", "Confirmed"
    IN_PROGRESS = "in_progress", "In progress"
    ON_HOLD = "on_hold", "On hold"
    INFUSED = "infused", "Infused"
    CANCELLED = "cancelled", "Cancelled"
    CLOSED = "closed", "Closed"


# The patient still waits for the dose.
OPEN_ORDER_STATUSES = (OrderStatus.ORDERED, OrderStatus.CONFIRMED, OrderStatus.IN_PROGRESS, OrderStatus.ON_HOLD)
# Nothing more is expected of the order; an infused one is still watched until it is closed.
ENDED_ORDER_STATUSES = (OrderStatus.CANCELLED, OrderStatus.CLOSED)


class StageStatus(TextChoices):
    """Where one stage of one attempt stands."""

    PENDING = "pending", "Not yet possible"
    READY = "ready", "Waiting to start"
    RUNNING = "running", "Running"
    HELD = "held", "On hold"
    COMPLETED = "completed", "Completed"
    FAILED = "failed", "Failed"
    SKIPPED = "skipped", "Skipped"


ACTIVE_STAGE_STATUSES = (StageStatus.READY, StageStatus.RUNNING, StageStatus.HELD)
# Begun and not ended.
AT_WORK_STAGE_STATUSES = (StageStatus.RUNNING, StageStatus.HELD)
# Begun, perhaps in vain, and not completed.
BEGUN_STAGE_STATUSES = (*AT_WORK_STAGE_STATUSES, StageStatus.FAILED)
# What the cells may leave behind unreported: a hold stands until somebody lifts it.
LEFT_STAGE_STATUSES = (StageStatus.READY, StageStatus.RUNNING)
DONE_STAGE_STATUSES = (StageStatus.COMPLETED, StageStatus.SKIPPED)


class WaitLimit(TextChoices):
    """What limits the wait before a stage."""

    LONGEST_WAIT = "longest_wait", "Longest permitted wait"
    QUALIFIED_UNTIL = "qualified_until", "The shipper's guaranteed cold"
    EXPIRY = "expiry", "Expiry of the dose"


class StageEventKind(TextChoices):
    """What can be said of a stage."""

    SCHEDULED = "scheduled", "Scheduled"
    STARTED = "started", "Started"
    COMPLETED = "completed", "Completed"
    FAILED = "failed", "Failed"
    HELD = "held", "Held"
    RESUMED = "resumed", "Resumed"
    SKIPPED = "skipped", "Skipped"
    NOTE = "note", "Note"
    COLLECTION_CHECKED = "collection_checked", "Collection checked"
    SHIPMENT_DELAYED = "shipment_delayed", "Shipment delayed"
    SHIPMENT_REROUTED = "shipment_rerouted", "Shipment rerouted"
    SHIPMENT_PACKED = "shipment_packed", "Shipment packed"
    SHIPMENT_UNPACKED = "shipment_unpacked", "Shipment unpacked"
    WITHDRAWN = "withdrawn", "Report withdrawn"


class OrderEventKind(TextChoices):
    """What can be said of a whole order (a report without a stage)."""

    ORDERED = "ordered", "Ordered"
    CONFIRMED = "confirmed", "Confirmed"
    PROMISED = "promised", "Promised"
    HELD = "held", "Held"
    RESUMED = "resumed", "Resumed"
    CANCELLED = "cancelled", "Cancelled"
    CLOSED = "closed", "Closed"
    HANDED_OVER = "handed_over", "Cells handed over"
    WITNESSED = "witnessed", "Confirmed by a second person"
    SETTLED = "settled", "Flag settled"
    MISMATCH = "mismatch", "Identity mismatch"
    RESOLVED = "resolved", "Identity mismatch resolved"
    CHANGE_ASKED = "change_asked", "Change asked for"
    TAKEN_BACK = "taken_back", "Request taken back"
    ANSWERED = "answered", "Request answered"
    WITHDRAWN = "withdrawn", "Report withdrawn"
    MATERIAL = "material", "Material recorded"
    MATERIAL_IS = "material_is", "Status of a material"
    LOT_USED = "lot_used", "Lot used"
    LABEL_PRINTED = "label_printed", "Label printed"
    LABEL_USED = "label_used", "Label used"
    LABEL_SPOILED = "label_spoiled", "Label spoiled"
    LABEL_DESTROYED = "label_destroyed", "Label destroyed"
    EXCURSION_DECIDED = "excursion_decided", "Excursion decided on"


# What is said of a transport that does not go as it was booked.
DELAY_KINDS = frozenset({StageEventKind.SHIPMENT_DELAYED, StageEventKind.SHIPMENT_REROUTED})
# At which end of a transport its shipper is packed and unpacked: what else is reported there.
PACKING_ENDS = {
    StageEventKind.SHIPMENT_PACKED: StageEventKind.STARTED,
    StageEventKind.SHIPMENT_UNPACKED: StageEventKind.COMPLETED,
}
TRANSPORT_KINDS = DELAY_KINDS | PACKING_ENDS.keys()
# What is said of a material of an order; its payload names the material, and the stage where there is one.
MATERIAL_KINDS = frozenset({OrderEventKind.MATERIAL, OrderEventKind.MATERIAL_IS, OrderEventKind.LOT_USED})
# How a label ends; its payload names it by its serial number. Every label that is printed ends in one of these.
LABEL_ENDS = frozenset({OrderEventKind.LABEL_USED, OrderEventKind.LABEL_SPOILED, OrderEventKind.LABEL_DESTROYED})
LABEL_KINDS = LABEL_ENDS | {OrderEventKind.LABEL_PRINTED}
EVENT_KINDS = {kind.value: kind.label for kind in (*StageEventKind, *OrderEventKind)}


class MaterialKind(TextChoices):
    """What a material is."""

    COLLECTION_BAG = "collection_bag", "Collection bag"
    INTERMEDIATE = "intermediate", "Intermediate"
    FINAL_BAG = "final_bag", "Final bag"
    VIAL = "vial", "Vial"
    CASSETTE = "cassette", "Cassette"
    SAMPLE = "sample", "Sample"


class MaterialStatus(TextChoices):
    """What became of a material, as somebody said."""

    QUARANTINE = "quarantine", "Quarantine"
    RELEASED = "released", "Released"
    REJECTED = "rejected", "Rejected"
    SHIPPED = "shipped", "Shipped"
    INFUSED = "infused", "Infused"
    DESTROYED = "destroyed", "Destroyed"


class LotKind(TextChoices):
    """What a lot is of."""

    REAGENT = "reagent", "Reagent"
    VECTOR = "vector", "Vector"
    KIT = "kit", "Collection kit"  # told in the collection's record alone


class Holder(TextChoices):
    """Who may hold a patient's cells, as a report names them: a site by its place in the order (StagePlace)."""

    COLLECTION_SITE = "collection_site", "The collection site"
    COURIER = "courier", "A courier"
    PLANT = "plant", "The plant"
    INFUSION_SITE = "infusion_site", "The infusion site"
    OTHER = "other", "Somebody else (named as the place)"


class DelayCause(TextChoices):
    """Why a transport is delayed or goes another way."""

    WEATHER = "weather", "Weather"
    CUSTOMS = "customs", "Customs"
    MISSED_CONNECTION = "missed_connection", "Missed connection"
    VEHICLE = "vehicle", "Vehicle or aircraft"
    REFUSED = "refused", "Refused"
    LOST_CONTACT = "lost_contact", "Contact lost"
    OTHER = "other", "Another reason"


class NewArrival(TextChoices):
    """Whether the new arrival of a transport is known."""

    KNOWN = "known", "As said above"
    NOT_KNOWN = "not_known", "Nobody knows when"


class Destination(TextChoices):
    """Where a rerouted transport goes: a site by its place in the order (StagePlace)."""

    COLLECTION_SITE = "collection_site", "The collection site"
    PLANT = "plant", "The plant"
    INFUSION_SITE = "infusion_site", "The infusion site"
    OTHER = "other", "Another place (named)"


class Ending(TextChoices):
    """How the custody of cells ends."""

    INFUSED = "infused", "Given to the patient"
    DESTROYED = "destroyed", "Destroyed"


class Seal(TextChoices):
    """How the seal of the packaging was found."""

    INTACT = "intact", "Intact"
    BROKEN = "broken", "Broken"
    NONE = "none", "There is none"


class Packaging(TextChoices):
    """How the packaging was found."""

    INTACT = "intact", "Intact"
    DAMAGED = "damaged", "Damaged"


class ShipperFound(TextChoices):
    """What master data of an order's sites had under a shipper's number when its packing was reported."""

    ONE = "one", "One shipper"
    NONE = "none", "No such shipper"
    SEVERAL = "several_sites", "Shippers of several sites"
    NOT_KEPT = "not_kept", "These sites keep no shippers in CellOps"


class SealFound(TextChoices):
    """How the seal of a shipper was found when it was unpacked."""

    MATCHES = "matches", "Intact, with the number that was reported"
    BROKEN = "broken", "Broken"
    OTHER = "other", "Another seal"
    NONE = "none", "There is none"


class ChangeWish(TextChoices):
    """What a treatment centre asks the plant to do with an order."""

    HOLD = "hold", "Hold the order"
    POSTPONE = "postpone", "Postpone it"
    CANCEL = "cancel", "Cancel the order"
    RESUME = "resume", "Go on with the order"


class ChangeCause(TextChoices):
    """Why a treatment centre asks for it."""

    TOO_ILL = "too_ill", "Patient too ill"
    DATE = "date", "The date no longer fits"
    OTHER_THERAPY = "other_therapy", "Another therapy was chosen"
    PATIENT = "patient", "The patient decided otherwise"
    DIED = "died", "The patient has died"
    WELL = "well", "The patient can be treated again"
    OTHER = "other", "Another reason"


class ChangeOutcome(TextChoices):
    """What became of such a request; the plant answers with one of the first two."""

    AGREED = "agreed", "Agreed"
    DECLINED = "declined", "Declined"
    TAKEN_BACK = "taken_back", "Taken back"


class ExcursionDecision(TextChoices):
    """What quality assurance decides on cells that were too warm or too cold."""

    USE_AS_IS = "use_as_is", "Use as is"
    REJECT = "reject", "Reject"
    MORE_DATA = "more_data", "More data needed"


class Doubt(TextChoices):
    """What a flag puts in doubt: until it is settled, people do not carry the order on; CHECKLIST and SAID_WRONG keep
    nobody."""

    IDENTITY = "identity", "Whose cells they are"
    FAILURE = "failure", "Whether the dose may be used"
    RECORD = "record", "Which of two reports is true"
    REPORT = "report", "Whether work failed at all"
    CELLS = "cells", "Whether the cells may still be used"
    REJECTED = "rejected", "Whether anything may be made of cells that were rejected"
    LABELS = "labels", "Where a printed label is"
    CHECKLIST = "checklist", "Whether what a record lacks, or is amiss with a shipper, matters"
    SAID_WRONG = "said_wrong", "Whether a report is right"


# What a second person is asked about: that a report is wrong, or right.
ASKS_SECOND = (Doubt.RECORD, Doubt.REPORT, Doubt.SAID_WRONG)


class ReportOutcome(TextChoices):
    """What became of one reported event."""

    CREATED = "created", "Created"
    DUPLICATE = "duplicate", "Already known"
    CONFLICT = "conflict", "Same id, other content"
    REJECTED = "rejected", "Rejected"
