"""The usual way of one courier between two sites, and which one a transport goes by. Pure."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from supplychain.orders.rules.hand_overs import ENDS
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

    def closes_at(self, pickup: datetime) -> datetime | None:
        """By when it must be picked up to leave that day; None: it leaves with the next pickup, or has missed it."""
        if not self.cut_offs or self.misses(pickup):
            return None
        here = pickup.astimezone(ZoneInfo(self.zone))
        return datetime.combine(here.date(), max(self.cut_offs), here.tzinfo).astimezone(pickup.tzinfo)

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


# By origin, destination (ids as text) and courier in capitals; empty: whichever courier.
Lanes = Mapping[tuple[str, str, str], Lane]


def lane_of(lanes: Lanes, direction: str, places: Mapping[str, str], courier: str) -> Lane | None:
    """The lane of a transport of an order at these sites (ids as text, by place): the courier's own before one for
    whoever carries it. None also where `direction` is empty: the stage is no transport."""
    if not lanes or not direction:
        return None
    origin, to = (places[holder] for holder in ENDS[direction])
    return lanes.get((origin, to, courier.upper())) or lanes.get((origin, to, ""))
