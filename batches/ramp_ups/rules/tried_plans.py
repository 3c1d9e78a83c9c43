"""What a plan that was simulated came to, and how sure that is."""

from collections.abc import Mapping, Sequence

import msgspec

from batches.judgement.rules.shares import wilson
from batches.ramp_ups.rules.cheaper import Places
from batches.ramp_ups.rules.costs import place_prices
from batches.ramp_ups.rules.loads import PoolLoad
from batches.ramp_ups.rules.measures import ReplicationFigures
from batches.ramp_ups.rules.plans import COPY
from batches.ramp_ups.rules.steadiness import growth_of

# So many of the replications must reach the target for a plan to count as reaching it.
SURE = 0.8
# With a dose due in fewer replications nothing is said of the target.
FEWEST_TELLING = 10


class Target(msgspec.Struct, frozen=True):
    """Demand up by `more` % and a share `on_time` (0–1) of doses ready by their promise, while the line keeps up."""

    more: float
    on_time: float

    def is_reached(self, row: ReplicationFigures) -> bool:
        """Whether a replication is on time."""
        return row.on_time is not None and row.on_time >= self.on_time - 1e-9


class Tried(msgspec.Struct, frozen=True):
    """A plan that was simulated: places added by pool, and what it came to (means over the replications).

    `count`: replications in which a dose was due, for of the others nothing can be said; `reached`: those of them that
    are on time, `on_time`: their mean; `growth`: orders by which those under way grow a week beyond chance, or
    the queue by the loads; `load`: of the most loaded pool, None: not known; `short`: places missing in each pool to a
    load below 1.
    """

    places: Places
    reached: int
    count: int
    on_time: float
    throughput: float
    waited: dict[str, float]
    pressed: dict[str, float]
    cost: float
    growth: float = 0.0
    load: float | None = None
    short: dict[str, int] = {}

    @property
    def keeps_up(self) -> bool:
        """Whether the line keeps up with its demand: no trend in the orders under way, no pool loaded to 1."""
        return not self.growth and (self.load is None or self.load < 1)

    @property
    def is_on_time(self) -> bool:
        """Whether enough replications are on time."""
        return self.can_tell and self.reached >= SURE * self.count

    @property
    def can_tell(self) -> bool:
        """Whether doses were due in enough replications to say anything."""
        return self.count >= FEWEST_TELLING

    @property
    def is_enough(self) -> bool:
        """Whether it counts as reaching the target."""
        return self.keeps_up and self.is_on_time


def weekly_cost(places: Places, prices: Mapping[str, float]) -> float:
    """What the added places cost a week, or how many they are where prices are not known."""
    return sum(prices[code] * count for code, count in places)


def tried_of(
    places: Places,
    rows: Sequence[ReplicationFigures],
    target: Target,
    costs: Mapping[str, float],
    loads: Sequence[PoolLoad] = (),
) -> Tried:
    """What the replications of a plan came to; `loads`: of its pools."""
    count, told = max(len(rows), 1), [row for row in rows if row.on_time is not None]
    pools = rows[0].pools if rows else {}
    worst = max(loads, key=lambda one: one.load, default=None)
    costed = [code for code in pools if not code.endswith(COPY)]
    return Tried(
        places=places,
        reached=sum(target.is_reached(row) for row in told),
        count=len(told),
        on_time=sum(row.on_time or 0.0 for row in told) / max(len(told), 1),
        throughput=sum(row.throughput for row in rows) / count,
        waited={code: sum(row.pools[code].wait or 0.0 for row in rows) / count for code in pools},
        pressed={code: sum(row.pools[code].pressed for row in rows) / count for code in pools},
        cost=weekly_cost(places, place_prices(costs, costed)),
        growth=growth_of(rows) or (worst.growth if worst else 0.0),
        load=worst.load if worst else None,
        short={one.code: one.short for one in loads if one.short and one.code in costed},
    )


def how_sure(found: Tried) -> tuple[float, float, float]:
    """Share of fresh replications that reach the target, with its Wilson interval; 0 where the line falls behind."""
    share = found.reached / max(found.count, 1) if found.keeps_up else 0.0
    return (share, *wilson(share, found.count))
