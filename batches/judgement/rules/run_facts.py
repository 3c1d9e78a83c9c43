"""What the judgement knows of one stage in one attempt."""

from datetime import datetime
from typing import NamedTuple

from batches.judgement.rules.sent_moments import moment
from supplychain.orders.rules.agreed_ends import AgreedEnd
from supplychain.orders.statuses import StageStatus


class RunFacts(NamedTuple):
    """One stage in one attempt, as stored. Pickup, delivery and cold are moments as the sender wrote them (ISO 8601).

    `failed_heard_at`: when we last heard of the failure of a test that may end after release; `held_reason`: as it was
    reported; `is_to_repeat`: of a failed test, that quality assurance decided to repeat it; `resource`: the suite,
    device or lane in which it is done or booked; empty: not known. Ids are text here: thousands of them are looked up
    for every claim, and text remembers its hash. `unknown_since`: since when nobody knows when a transport arrives;
    `delayed_at`, `delay_cause`: of the newest delay or rerouting that was said of it.
    """

    stage: str
    attempt: int
    site: str
    pool: str
    status: str
    ready_at: datetime | None
    started_at: datetime | None
    completed_at: datetime | None
    failed_at: datetime | None
    held_at: datetime | None
    planned_start_at: datetime | None
    planned_end_at: datetime | None
    wait_until: datetime | None = None
    wait_limit: str = ""
    wait_expires_at: datetime | None = None
    planned_pickup_at: str | None = None
    planned_delivery_at: str | None = None
    qualified_until: str | None = None
    failed_heard_at: datetime | None = None
    held_reason: str | None = None
    courier: str | None = None
    tracking_number: str | None = None
    missed_start_at: str | None = None
    agreed_end_at: str | None = None
    agreed_times: str | None = None
    unknown_since: str | None = None
    delayed_at: str | None = None
    delay_cause: str | None = None
    resource: str = ""
    is_to_repeat: bool = False

    @property
    def waiting_since(self) -> datetime | None:
        """Since when it could start and has not; a hold does not stop the cells' clock."""
        if self.status == StageStatus.READY or (self.status == StageStatus.HELD and self.started_at is None):
            return self.ready_at
        return None

    @property
    def expected_start(self) -> datetime | None:
        """When it was planned to start: the appointment, slot or pickup."""
        return self.planned_start_at or moment(self.planned_pickup_at)

    @property
    def is_arrival_unknown(self) -> bool:
        """Whether it was said of a transport that nobody knows when it arrives."""
        return bool(self.unknown_since)

    @property
    def expected_end(self) -> datetime | None:
        """When it is to end: as agreed while it ran, else as planned: the appointment's end or the delivery. None also
        where it was said that nobody knows."""
        if self.unknown_since:
            return None
        if self.agreed_end_at:
            return moment(self.agreed_end_at)
        return self.planned_end_at or moment(self.planned_delivery_at)

    @property
    def agreed(self) -> AgreedEnd | None:
        """Until when it may take, where it takes longer than planned and that was said."""
        return AgreedEnd.of(self.agreed_end_at, self.agreed_times)

    @property
    def cold_until(self) -> datetime | None:
        """To when the shipper's cold is guaranteed."""
        return moment(self.qualified_until)
