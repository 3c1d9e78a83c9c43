"""Where one simulated future keeps its state: events ahead, turns in queues, runs of visits, fates of orders, pools."""

from typing import Any, NamedTuple

import numpy as np

from batches.simulation.rules.compiled import records
from batches.simulation.rules.network import Network

# How a fate ended.
OPEN, GIVEN, LOST = 0, 1, 2
# In place of the moment at which a visit was first begun: with the cells that wait now it never will be.
OTHER_CELLS = -1.0
EVENT = np.dtype([("at", "f8"), ("code", "i4"), ("version", "i4")])
TURN = np.dtype([("ready", "f8"), ("rank", "i4"), ("visit", "i4"), ("version", "i8")])
RUN = np.dtype(
    [("ready", "f8"), ("start", "f8"), ("end", "f8"), ("begun", "f8"), ("version", "i2"), ("waits_for", "i1"),
     ("state", "i1"), ("kind", "i1"), ("holds", "i1"), ("queued", "i1"), ("expired", "i1")]
)  # fmt: skip
FATE = np.dtype([("attempt", "i4"), ("ended", "i4"), ("slow", "f8"), ("begins", "f8")])
POOL = np.dtype(
    [("busy", "i8"), ("places", "i8"), ("waiting", "i8"), ("step", "i8"), ("first_turn", "i8"), ("turns", "i8"),
     ("booking", "i8"), ("seen", "f8"), ("held", "f8"), ("open", "f8"), ("waited", "f8"), ("pressed", "f8")]
)  # fmt: skip
CLOCK = np.dtype([("events", "i8"), ("path", "i8"), ("measured_from", "f8"), ("horizon", "f8")])


class Scratch(NamedTuple):
    """Where one path keeps its state; made once, begun anew for every path. `clock` has one record.

    `held`: who holds a place of a pool that can be booked, from its `first_turn` on; `frees`: when a visit that took a
    place usually gives it back; `spots`: where in `held` it stands.
    """

    events: Any
    turns: Any
    runs: Any
    fates: Any
    pools: Any
    clock: Any
    held: Any
    frees: Any
    spots: Any


def scratch(net: Network) -> Scratch:
    """Room for one path of `net`; in each attempt a visit stands in a queue once and ends once."""
    attempts = int(net.orders["attempts"].max(initial=0)) + 1
    visits, pools = net.visits.size, net.step_start.size - 1
    placed = net.visits["pool"][net.visits["pool"] >= 0]
    room = np.cumsum(np.bincount(placed, minlength=pools) * attempts)
    of_pools = np.zeros(pools, POOL)
    of_pools["first_turn"][1:] = room[:-1]
    return Scratch(
        records(np.zeros(visits * 2 * (attempts + 1) + pools + 1, EVENT)),
        records(np.zeros(int(room[-1]) if pools else 0, TURN)),
        records(np.zeros(visits, RUN)),
        records(np.zeros(net.orders.size, FATE)),
        records(of_pools),
        records(np.zeros(1, CLOCK)),
        np.zeros(int(room[-1]) if pools else 0, np.int64),
        np.zeros(visits),
        np.zeros(visits, np.int64),
    )
