"""When a shipment arrives by its lane: the usual way of one courier between two sites. Pure."""

from datetime import datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from supplychain.orders.rules.agreed_ends import UNKNOWN_SINCE
from supplychain.orders.rules.states import RunState
from supplychain.orders.statuses import StageStatus
from supplychain.sentences import moment_mark
from supplychain.words import hours_words


class Lane(NamedTuple):
    """`courier`: empty for whoever carries it; `cut_offs`: times of the day at the origin, in `zone`, by which it must
    be picked up to leave that day."""

    courier: str
    usual_hours: float
    customs_hours: float
    cut_offs: tuple[time, ...]
    zone: str

    @property
    def hours(self) -> float:
        """From leaving to arrival."""
        return self.usual_hours + self.customs_hours

    @property
    def words(self) -> str:
        """“24 h on its lane and 6 h at customs”."""
        customs = f" and {hours_words(self.customs_hours)} at customs" if self.customs_hours else ""
        return f"{hours_words(self.usual_hours)} on its lane{customs}"

    def leaves_at(self, pickup: datetime) -> datetime:
        """When the courier counts it as sent: at pickup, or with the first cut-off of the next day once the last one
        of its day is missed."""
        here = pickup.astimezone(ZoneInfo(self.zone))
        if not self.cut_offs or here.time() <= max(self.cut_offs):
            return pickup
        next_day = here.date() + timedelta(days=1)
        return datetime.combine(next_day, min(self.cut_offs), here.tzinfo).astimezone(pickup.tzinfo)

    def misses(self, pickup: datetime) -> bool:
        """Whether it was picked up after the last cut-off of the day."""
        return self.leaves_at(pickup) != pickup

    def arrives_at(self, pickup: datetime) -> datetime:
        """When it arrives after this pickup."""
        return self.leaves_at(pickup) + timedelta(hours=self.hours)


def lane_plan_words(lane: Lane, run: RunState) -> str:
    """“By the lane it would arrive 3 Dec 14:00, cut-off 16:00 missed; nobody said when it does” of a shipment that is
    still awaited; empty: somebody said when it is to arrive or that nobody knows, or nobody when it is to be picked up.
    It is no forecast: what is foreseen goes by the usual hours of the stage."""
    pickup = run.started_at or run.expected_start
    if pickup is None or run.expected_end or run.said(UNKNOWN_SINCE) or run.is_done or run.status == StageStatus.FAILED:
        return ""
    missed = ""
    if lane.misses(pickup):
        cut_off = f"cut-off {max(lane.cut_offs):%H:%M} at the origin"
        missed = f", {cut_off} missed" if run.started_at else f", the planned pickup is after {cut_off}"
    return f"By the lane it would arrive {moment_mark(lane.arrives_at(pickup))}{missed}; nobody said when it does."
