"""One simulated future: a discrete-event loop over arrays, compiled where it can be (compiled.py).

What happens next is in one heap of events; queues and places are in places.py.
"""

import numpy as np

from batches.simulation.rules.bookings import is_by
from batches.simulation.rules.chance import WORK, chance, hours_at, share_before
from batches.simulation.rules.compiled import inlined
from batches.simulation.rules.heaps import drop_event
from batches.simulation.rules.moments import LEAST_HOURS
from batches.simulation.rules.network import DONE, RUNNING, WAITING
from batches.simulation.rules.places import (
    COMPLETES,
    FAILS,
    STORED,
    WITHDRAWN,
    curve_of,
    end_of_begun,
    give_back,
    join,
    measure,
    note_wait,
    pace_of,
    schedule,
    serve,
    stand_in_queue,
    start,
    take,
)
from batches.simulation.rules.state import GIVEN, LOST, OPEN, OTHER_CELLS

# ruff: noqa: ANN001, ANN201, ANN202 - compiled for the arrays it is given

# Work beyond everything seen so far: about so large a share of its median is still to come.
OVERDUE_SHARE = 0.1
# So little is left of a curve only by rounding.
TOLERANCE = 1e-9
ONE = np.uint64(1)


@inlined
def run_path(net, s, path, horizon, measured_from):
    """Let one future happen, up to `horizon` hours; pools are measured from `measured_from` on."""
    s.clock[0].horizon = horizon
    _begin(net, s, path, measured_from)
    clock, visits = s.clock[0], net.visits.size
    while clock.events > 0:
        now, code, version = s.events[0].at, s.events[0].code, s.events[0].version
        if now > horizon:
            break
        clock.events = drop_event(s.events, clock.events)
        if code >= 2 * visits:
            _change_places(net, s, code - 2 * visits, now)
        elif code >= visits:
            _arrive(net, s, code - visits, version, now)
        elif s.runs[code].version == version:
            _finish(net, s, code, now)
    for pool in range(s.pools.size):
        measure(s, pool, horizon)
    for number in range(visits):
        note_wait(net, s, number, horizon)


@inlined
def _begin(net, s, path, measured_from):
    clock = s.clock[0]
    clock.events, clock.path, clock.measured_from = 0, path, measured_from
    for number in range(s.pools.size):
        _open_pool(net, s, number)
    for number in range(net.orders.size):
        s.fates[number].attempt = 0
        has_ended = net.standing[net.orders[number].exit].state == DONE
        s.fates[number].ended = GIVEN if has_ended else OPEN
    for number in range(net.visits.size):
        stands, run = net.standing[number], s.runs[number]
        run.ready, run.start, run.end, run.begun = stands.ready, np.nan, np.nan, np.nan
        run.state, run.version, run.waits_for, run.kind = stands.state, 0, stands.waits_for, COMPLETES
        run.holds, run.queued, run.expired = stands.holds, 0, 0
        begins = s.fates[net.visits[number].order].begins
        if stands.state == WAITING and stands.waits_for == 0 and not np.isnan(begins):
            run.ready = begins
        if stands.holds:
            take(net, s, number, stands.left)
    _begin_visits(net, s)


@inlined
def _begin_visits(net, s):
    """What is at work goes on; what waits stands in its queue before any queue is served."""
    for number in range(net.visits.size):
        visit, stands = net.visits[number], net.standing[number]
        if stands.state == RUNNING:
            _go_on(net, s, number)
            continue
        if stands.state != WAITING:
            continue
        if visit.booked > 0.0:
            schedule(s, visit.booked, net.visits.size + number, 0)
        if stands.waits_for == 0:
            if s.runs[number].ready > 0.0:
                schedule(s, s.runs[number].ready, net.visits.size + number, 0)
            elif visit.booked > 0.0:
                continue
            elif visit.pool < 0 or s.runs[visit.head].holds:
                start(net, s, number, 0.0)
            else:
                stand_in_queue(net, s, number, 0.0)
    for pool in range(s.pools.size):
        serve(net, s, pool, 0.0)


@inlined
def _open_pool(net, s, number):
    """The places open now, and the first change to come."""
    pool = s.pools[number]
    pool.busy, pool.places, pool.waiting, pool.turns, pool.seen = 0, 0, 0, 0, 0.0
    pool.booking = net.booking_start[number]
    pool.held, pool.open, pool.waited, pool.pressed = 0.0, 0.0, 0.0, 0.0
    at, last = net.step_start[number], net.step_start[number + 1]
    while at < last and net.steps[at].at <= 0.0:
        pool.places = net.steps[at].places
        at += 1
    pool.step = at
    if at < last:
        schedule(s, net.steps[at].at, 2 * net.visits.size + number, 0)


@inlined
def _go_on(net, s, number):
    """A stage at work now: its end is drawn from what its curve leaves after the hours it has taken."""
    visit, run, path = net.visits[number], s.runs[number], s.clock[0].path
    elapsed, pace = net.standing[number].elapsed, pace_of(net, s, number)
    run.kind = end_of_begun(net, number, elapsed / pace, path)
    curve = net.curves[curve_of(net, number, run.kind)]
    luck = chance(net.orders[visit.order].key, visit.stage, 0, WORK, path)
    gone = share_before(curve, elapsed / pace)
    if gone < 1.0 - TOLERANCE:
        left = pace * hours_at(curve, gone + luck * (1.0 - gone)) - elapsed
    else:
        left = 2.0 * luck * OVERDUE_SHARE * pace * hours_at(curve, 0.5)
    run.start = -elapsed
    if np.isnan(run.ready):
        run.ready = run.start
    schedule(s, max(left, 0.0), number, 0)


@inlined
def _finish(net, s, number, now):
    visit, run = net.visits[number], s.runs[number]
    run.end = now
    # Once the patient has the dose, a late test opens nothing anew.
    is_open = s.fates[visit.order].ended == OPEN
    if is_open and run.kind == WITHDRAWN:
        _lose(net, s, visit.order, now)
    elif is_open and run.kind == FAILS:
        _fail(net, s, number, now)
    else:
        run.state = DONE
        if visit.is_last:
            give_back(net, s, number, now)
        if is_open and number == net.orders[visit.order].exit:
            s.fates[visit.order].ended = GIVEN
        _wake_followers(net, s, number, now)


@inlined
def _wake_followers(net, s, number, now):
    for link in range(net.visits[number].next, net.visits[number].next_end):
        run = s.runs[net.next[link]]
        run.waits_for -= 1
        if run.waits_for == 0 and run.state == WAITING:
            _become_ready(net, s, net.next[link], now)


@inlined
def _become_ready(net, s, number, now):
    visit, run = net.visits[number], s.runs[number]
    run.ready = now
    if not (s.fates[visit.order].attempt == 0 and visit.booked > now):
        join(net, s, number, now)


@inlined
def _arrive(net, s, number, version, now):
    """A visit is ready, or its booked moment has come: it joins if it can; a booking that is missed is given away."""
    visit, run = net.visits[number], s.runs[number]
    waits = run.version == version and run.state == WAITING
    if waits and run.waits_for == 0 and run.ready <= now and not run.queued and not visit.booked > now:
        join(net, s, number, now)
    if visit.pool >= 0 and visit.booked > 0.0:
        if waits and run.waits_for > 0 and is_by(now, visit.booked):
            schedule(s, now + 2.0 * LEAST_HOURS, net.visits.size + number, version)
        serve(net, s, visit.pool, now)


@inlined
def _fail(net, s, number, now):
    """A failure opens stages anew for another attempt; without one left the order is lost."""
    order, opens = net.orders[net.visits[number].order], net.standing[number].reopens
    fate = s.fates[net.visits[number].order]
    if opens == 0 or fate.attempt >= order.attempts:
        _lose(net, s, net.visits[number].order, now)
        return
    for one in range(order.first, order.last):
        if (opens >> np.uint64(one - order.first)) & ONE:
            _drop(net, s, one, now)
            run = s.runs[one]
            run.state, run.ready, run.start, run.end = WAITING, np.nan, np.nan, np.nan
    fate.attempt += 1
    for one in range(order.first, order.last):
        if (opens >> np.uint64(one - order.first)) & ONE:
            s.runs[one].waits_for = _awaited(net, s, one)
            if s.runs[one].expired <= 0:
                s.runs[one].expired = 0 if _is_remade(net, one, opens) else STORED
    # Only now: who goes straight on after a stage that begins here has begun with it.
    for one in range(order.first, order.last):
        run = s.runs[one]
        is_opened = (opens >> np.uint64(one - order.first)) & ONE
        if is_opened and run.state == WAITING and run.waits_for == 0 and np.isnan(run.ready):
            _become_ready(net, s, one, now)
    _give_bookings_away(net, s, order, now)


@inlined
def _give_bookings_away(net, s, order, now):
    """What an order has booked that is lost, or that begins anew, is free for others."""
    for one in range(order.first, order.last):
        if net.visits[one].booked > now and net.visits[one].pool >= 0:
            serve(net, s, net.visits[one].pool, now)


@inlined
def _awaited(net, s, number):
    """How many of the visits before this one are not done."""
    count = 0
    for link in range(net.standing[number].before, net.standing[number].before_end):
        if s.runs[net.before[link]].state != DONE:
            count += 1
    return count


@inlined
def _is_remade(net, number, opens):
    """Whether something before this visit is done anew too; a new attempt begins with cells that were stored."""
    first = net.orders[net.visits[number].order].first
    for link in range(net.standing[number].before, net.standing[number].before_end):
        if (opens >> np.uint64(net.before[link] - first)) & ONE:
            return True
    return False


@inlined
def _drop(net, s, number, now):
    """What the visit was about to do is void: its turn in the queue goes, and its place goes back."""
    visit, run = net.visits[number], s.runs[number]
    note_wait(net, s, number, now)
    run.version += 1
    if np.isnan(run.begun):
        run.begun = OTHER_CELLS
    if run.queued:
        measure(s, visit.pool, now)
        run.queued = 0
        s.pools[visit.pool].waiting -= 1
    give_back(net, s, number, now)


@inlined
def _lose(net, s, number, now):
    """No dose comes of this order any more."""
    s.fates[number].ended = LOST
    for one in range(net.orders[number].first, net.orders[number].last):
        run = s.runs[one]
        if run.state != DONE:
            _drop(net, s, one, now)
            run.state, run.end = DONE, np.nan
    _give_bookings_away(net, s, net.orders[number], now)


@inlined
def _change_places(net, s, number, now):
    pool = s.pools[number]
    measure(s, number, now)
    pool.places = net.steps[pool.step].places
    pool.step += 1
    if pool.step < net.step_start[number + 1]:
        schedule(s, net.steps[pool.step].at, 2 * net.visits.size + number, 0)
    serve(net, s, number, now)
