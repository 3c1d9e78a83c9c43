"""What is sent of labels."""

from uuid import UUID

import msgspec

from supplychain.labels.statuses import LabelDoubt, LabelStatus
from supplychain.orders.rules.placing import Moment


class LabelBody(msgspec.Struct):
    """A printed label. `number`: of the material it is for, empty: it is the order's; `stage`, `attempt`: of the step
    it belongs to; `replaces`: serial number of the label in whose place it was printed again, and why; `printed_at`
    empty: only its end was reported; `reason`: why it was spoiled or destroyed; `doubts`: what of it does not fit.
    """

    order: UUID
    coi: str
    serial: str
    number: str
    stage: str
    attempt: int | None
    layout: str
    printer: str
    replaces: str
    replaces_why: str
    printed_at: Moment | None
    printed_by: str
    status: LabelStatus
    ended_at: Moment | None
    ended_by: str
    reason: str
    doubts: list[LabelDoubt]
