"""Places: who stands in the queue of a pool, who takes a place of it, who gives it back, and how it is measured.

Who waits for a place stands in one heap per pool: by rank, then by how long the visit has been ready. Places are never
taken from work that has begun: where a pool shrinks, places go as they are given back. In a kept place (a suite from
selection to harvest) the first visit takes it and the last gives it back.
"""

from math import exp, isnan

from batches.simulation.rules.bookings import begins_at, is_after, is_in_time, may_take
from batches.simulation.rules.chance import END, WORK, chance, hours_at, share_before
from batches.simulation.rules.compiled import inlined
from batches.simulation.rules.heaps import join_queue, leave_queue, push_event
from batches.simulation.rules.network import DONE, RUNNING, WAITING

# ruff: noqa: ANN001, ANN201, ANN202 - compiled for the arrays it is given

COMPLETES, FAILS, WITHDRAWN = 0, 1, 2
# What a permitted wait came to; stored cells have none.
RAN_OUT, STORED = 1, -1
# A curve does not tell shares below half a step of its table: that much is left of each end, however long it lasts.
LEAST_LEFT = 1.0 / 256.0
# In its booked moment a visit goes before whoever is only waiting.
BOOKED_RANK = -1_000_000


@inlined
def schedule(s, moment, code, version):
    s.clock[0].events = push_event(s.events, s.clock[0].events, moment, code, version)


@inlined
def end_of(net, number, attempt, path):
    """How a visit will end that begins now."""
    visit = net.visits[number]
    fails = net.ends[number].again if attempt > 0 and net.ends.size else visit.fails
    draw = chance(net.orders[visit.order].key, visit.stage, attempt, END, path)
    if draw < visit.withdrawn:
        return WITHDRAWN
    return FAILS if draw < visit.withdrawn + fails else COMPLETES


@inlined
def end_of_begun(net, number, hours, path):
    """How a visit will end that has been at work for so long: each end by what its curve leaves after these hours."""
    visit = net.visits[number]
    if net.ends.size == 0:
        return end_of(net, number, 0, path)
    left = max(1.0 - share_before(net.curves[visit.curve], hours), LEAST_LEFT)
    fails = visit.fails * max(1.0 - share_before(net.curves[net.ends[number].failing], hours), LEAST_LEFT)
    draw = chance(net.orders[visit.order].key, visit.stage, 0, END, path) * (fails + (1.0 - visit.fails) * left)
    if draw < visit.withdrawn * left:
        return WITHDRAWN
    return FAILS if draw < visit.withdrawn * left + fails else COMPLETES


@inlined
def curve_of(net, number, kind):
    """The number of the curve that the work of a visit follows that ends so."""
    return net.ends[number].failing if kind == FAILS and net.ends.size else net.visits[number].curve


@inlined
def join(net, s, number, now):
    """Start the visit, or let it stand in the queue for a place."""
    visit = net.visits[number]
    if visit.pool < 0 or s.runs[visit.head].holds or (s.pools[visit.pool].turns == 0 and may_take(net, s, number, now)):
        start(net, s, number, now)
    else:
        stand_in_queue(net, s, number, now)
        serve(net, s, visit.pool, now)


@inlined
def stand_in_queue(net, s, number, now):
    visit, run = net.visits[number], s.runs[number]
    pool = s.pools[visit.pool]
    measure(s, visit.pool, now)
    rank = BOOKED_RANK if is_in_time(net, s, number) else net.orders[visit.order].rank
    run.queued = 1
    pool.waiting += 1
    pool.turns = join_queue(s.turns, pool.first_turn, pool.turns, rank, run.ready, number, run.version)


@inlined
def serve(net, s, number, now):
    """Give free places to the first of the queue; who may not take one yet keeps those behind waiting too."""
    pool = s.pools[number]
    while pool.turns > 0 and pool.busy < pool.places:
        first, version = s.turns[pool.first_turn].visit, s.turns[pool.first_turn].version
        is_void = s.runs[first].version != version or not s.runs[first].queued
        if not is_void and not may_take(net, s, first, now):
            break
        pool.turns = leave_queue(s.turns, pool.first_turn, pool.turns)
        if not is_void:
            measure(s, number, now)
            s.runs[first].queued = 0
            pool.waiting -= 1
            start(net, s, first, now)


@inlined
def start(net, s, number, now):
    """Begin a visit, and those that go straight on after it: one event for a whole stay in a suite."""
    visit, begins = net.visits[number], begins_at(net, s, number, now)
    if visit.pool >= 0 and not s.runs[visit.head].holds:
        measure(s, visit.pool, now)
        take(net, s, visit.head, begins + net.standing[visit.head].stay)
        _measure_wait_beside_place(s, visit.pool, now, begins)
    now = _work(net, s, number, begins)
    while net.visits[number].straight >= 0 and s.runs[number].kind == COMPLETES:
        s.runs[number].state, s.runs[number].end = DONE, now
        number = net.visits[number].straight
        s.runs[number].waits_for, s.runs[number].ready = 0, now
        now = _work(net, s, number, begins_at(net, s, number, now))
    schedule(s, now, number, s.runs[number].version)


@inlined
def _measure_wait_beside_place(s, number, since, until):
    """A place kept for who has yet to begin is not held: its order waits."""
    pool = s.pools[number]
    hours = min(until, s.clock[0].horizon) - max(since, s.clock[0].measured_from)
    if hours > 0.0:
        pool.held -= hours
        pool.waited += hours


@inlined
def take(net, s, head, frees):
    """Hold a place from the first visit in it on, usually until `frees`."""
    number = net.visits[head].pool
    pool = s.pools[number]
    s.runs[head].holds = 1
    s.frees[head] = frees
    if net.booking_start[number] < net.booking_start[number + 1]:
        s.held[pool.first_turn + pool.busy] = head
        s.spots[head] = pool.busy
    pool.busy += 1


@inlined
def _work(net, s, number, now):
    """Begin the work of a visit; returns when it ends."""
    visit, run, path = net.visits[number], s.runs[number], s.clock[0].path
    attempt = s.fates[visit.order].attempt
    note_wait(net, s, number, now)
    run.state, run.start = RUNNING, now
    if isnan(run.begun):
        run.begun = now
    luck = chance(net.orders[visit.order].key, visit.stage, attempt, WORK, path)
    run.kind = end_of(net, number, attempt, path)
    return now + pace_of(net, s, number) * hours_at(net.curves[curve_of(net, number, run.kind)], luck)


@inlined
def pace_of(net, s, number):
    """How many times as long as its curve says the work takes because its whole order is slow; 1 without slowness."""
    visit = net.visits[number]
    slow = s.fates[visit.order].slow
    return exp(visit.load * slow) if slow != 0.0 else 1.0


@inlined
def note_wait(net, s, number, now):
    """Whether the wait that ends now has lasted longer than permitted; of who does not wait nothing is noted."""
    run = s.runs[number]
    waits = run.state == WAITING and run.waits_for == 0
    if waits and run.expired != STORED and is_after(now - run.ready, net.visits[number].longest):
        run.expired = RAN_OUT


@inlined
def give_back(net, s, number, now):
    visit = net.visits[number]
    if visit.pool >= 0 and s.runs[visit.head].holds:
        pool = s.pools[visit.pool]
        measure(s, visit.pool, now)
        s.runs[visit.head].holds = 0
        pool.busy -= 1
        if net.booking_start[visit.pool] < net.booking_start[visit.pool + 1]:
            newest = s.held[pool.first_turn + pool.busy]
            s.spots[newest] = s.spots[visit.head]
            s.held[pool.first_turn + s.spots[newest]] = newest
        serve(net, s, visit.pool, now)


@inlined
def measure(s, number, now):
    """Add up place-hours held and open, order-hours waited, and hours in which somebody waited for a full pool."""
    pool = s.pools[number]
    hours = now - max(pool.seen, s.clock[0].measured_from)
    pool.seen = now
    if hours > 0.0:
        pool.held += hours * pool.busy
        pool.open += hours * pool.places
        pool.waited += hours * pool.waiting
        if pool.waiting > 0 and pool.busy >= pool.places:
            pool.pressed += hours
