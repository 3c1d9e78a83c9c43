"""What kinds of system report to us."""

from django.db.models import TextChoices


class SourceKind(TextChoices):
    """What kind of system reports to us."""

    HOSPITAL = "hospital", "Hospital record (EHR)"
    PLANT = "plant", "Manufacturing execution (MES)"
    LABORATORY = "laboratory", "Laboratory (LIMS)"
    COURIER = "courier", "Courier"
    LOGGER = "logger", "Condition logger"
    SPREADSHEET = "spreadsheet", "Spreadsheet import"


class ReportScope(TextChoices):
    """What a system may say of orders, besides the right to report at all: one for the stages of each kind (their
    value ends with the kind's), one for each decision on a whole order."""

    ADMINISTRATIVE = "events:administrative", "Report enrolment, consent and other administrative stages"
    COLLECTION = "events:collection", "Report collections"
    TRANSPORT = "events:transport", "Report shipments"
    MANUFACTURING = "events:manufacturing", "Report manufacturing"
    QUALITY_CONTROL = "events:quality_control", "Report tests"
    RELEASE = "events:release", "Report dispositions; leave out manufacturing or tests"
    CUSTODY = "events:custody", "Report receipt and storage at a centre"
    INFUSION = "events:infusion", "Report infusions"
    NEW_ATTEMPT = "events:new_attempt", "Open a new attempt"
    PROMISE = "events:promise", "Confirm orders; promise dates and change them"
    HOLD = "events:hold", "Put whole orders on hold and take them up again"
    CANCEL = "events:cancel", "Cancel orders; a hospital’s system only until work has begun"
    CLOSE = "events:close", "Close orders"
    MATERIALS = "events:materials", "Report materials, what became of them, and the lots they were made with"


# All rights of a system, in words: what its tokens are good for.
SCOPES = {
    "events:write": "Report status events",
    "orders:read": "Read orders, their events and stage runs",
    "orders:write": "Place orders with the date wanted; ask the plant to hold, postpone or cancel them",
    "flags:read": "Read flags",
    "flags:write": "Acknowledge flags on behalf of a person",
    "capacity:read": "Read pools and bottlenecks",
    "identity:write": "Check the identity of material: codes read with an order in hand",
    **dict(ReportScope.choices),
}
