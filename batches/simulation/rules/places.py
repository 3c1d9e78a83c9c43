"""Places: who stands in the queue of a pool, who takes a place of it, who gives it back, and how it is measured.

Who waits for a place stands in one heap per pool: by rank, then by how long the visit has been ready. Places are never
taken from work that has begun: where a pool shrinks, places go as they are given back. In a kept place (a suite from
selection to harvest) the first visit takes it and the last gives it back. A place that is booked is not taken by
anybody who would usually still hold it at the booked moment.
"""

from math import exp, log

from batches.simulation.rules import moments
from batches.simulation.rules.chance import chance, hours_at, share_before
from batches.simulation.rules.compiled import inlined
from batches.simulation.rules.heaps import join_queue, leave_queue, push_event
from batches.simulation.rules.network import DONE, RUNNING, WAITING

# ruff: noqa: ANN001, ANN201, ANN202 - compiled for the arrays it is given

OPEN, GIVEN, LOST = 0, 1, 2
COMPLETES, FAILS, WITHDRAWN = 0, 1, 2
WORK, END, SLOW, SLOW_TOO, ARRIVAL, START = 0, 1, 2, 3, 4, 5
# What a permitted wait came to; stored cells have none.
RAN_OUT, STORED = 1, -1
# A curve does not tell shares below half a step of its table: that much is left of each end, however long it lasts.
LEAST_LEFT = 1.0 / 256.0
# In its booked moment a visit goes before whoever is only waiting.
BOOKED_RANK = -1_000_000
is_after, is_by = inlined(moments.is_after), inlined(moments.is_by)


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
    if (
        visit.pool < 0
        or s.runs[visit.head].holds
        or (s.pools[visit.pool].turns == 0 and _may_take(net, s, number, now))
    ):
        start(net, s, number, now)
    else:
        stand_in_queue(net, s, number, now)
        serve(net, s, visit.pool, now)


@inlined
def _is_in_time(net, s, number):
    """Whether the visit was ready by the moment for which it has booked."""
    visit = net.visits[number]
    return s.fates[visit.order].attempt == 0 and is_by(s.runs[number].ready, visit.booked)


@inlined
def _may_take(net, s, number, now):
    """Whether a place is free that nobody has booked for a moment at which this visit usually still holds it."""
    visit = net.visits[number]
    pool, last = s.pools[visit.pool], net.booking_start[visit.pool + 1]
    if pool.busy >= pool.places:
        return False
    while pool.booking < last and not is_by(now, net.visits[net.bookings[pool.booking]].booked):
        pool.booking += 1
    if pool.booking == last or _is_in_time(net, s, number):
        return True
    until = begins_at(net, s, number, now) + net.standing[number].stay
    for at in range(pool.booking, last):
        moment = net.visits[net.bookings[at]].booked
        if is_by(until, moment):
            break
        if _is_kept(net, s, net.bookings[at], number):
            kept = _kept_at(net, s, visit.pool, at, number)
            if _places_at(net, s, visit.pool, moment) - _held_at(s, visit.pool, moment) <= kept:
                return False
    return True


@inlined
def _is_kept(net, s, booked, number):
    """Whether the booking of another visit still stands."""
    fate = s.fates[net.visits[booked].order]
    return booked != number and s.runs[booked].state == WAITING and fate.attempt == 0 and fate.ended == OPEN


@inlined
def _kept_at(net, s, pool, at, number):
    """How many places the bookings up to the `at`-th need at its moment: who came before has usually left or not."""
    count, moment = 1, net.visits[net.bookings[at]].booked
    for one in range(s.pools[pool].booking, at):
        booked = net.bookings[one]
        if is_after(net.visits[booked].booked + net.standing[booked].stay, moment):
            count += _is_kept(net, s, booked, number)
    return count


@inlined
def _places_at(net, s, number, moment):
    at, places = s.pools[number].step, s.pools[number].places
    while at < net.step_start[number + 1] and net.steps[at].at <= moment:
        places = net.steps[at].places
        at += 1
    return places


@inlined
def _held_at(s, number, moment):
    """How many of the places held now usually still are at a moment to come."""
    pool, count = s.pools[number], 0
    for at in range(pool.first_turn, pool.first_turn + pool.busy):
        count += is_after(s.frees[s.held[at]], moment)
    return count


@inlined
def stand_in_queue(net, s, number, now):
    visit, run = net.visits[number], s.runs[number]
    pool = s.pools[visit.pool]
    measure(s, visit.pool, now)
    rank = BOOKED_RANK if _is_in_time(net, s, number) else net.orders[visit.order].rank
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
        if not is_void and not _may_take(net, s, first, now):
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
def begins_at(net, s, number, now):
    """When work begins on a visit that could begin now: at once, or by the chances of the hours to come. A booked
    moment that is met stands.

    Chances to begin are a Poisson process whose rate hangs on the hour: by when so many have passed (Çinlar 1975).
    """
    if net.hours_of.size == 0 or net.hours_of[number] < 0:
        return now
    if _is_in_time(net, s, number) and is_by(now, net.visits[number].booked):
        return now
    which, last = net.hours_of[number], net.hours.shape[1] - 1
    moment = now + net.hours_since[which]
    low = int(moment)
    if low >= last:
        return now
    visit = net.visits[number]
    attempt, path = s.fates[visit.order].attempt, s.clock[0].path
    passed = net.hours[which, low] + (moment - low) * (net.hours[which, low + 1] - net.hours[which, low])
    passed -= log(chance(net.orders[visit.order].key, visit.stage, attempt, START, path))
    if passed >= net.hours[which, last]:
        return last - net.hours_since[which]
    high = low + 1
    while net.hours[which, high] <= passed:
        low, high = high, min(2 * high - low, last)
    while high - low > 1:
        middle = (low + high) // 2
        if net.hours[which, middle] <= passed:
            low = middle
        else:
            high = middle
    share = (passed - net.hours[which, low]) / (net.hours[which, high] - net.hours[which, low])
    return max(low + share - net.hours_since[which], now)


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
    pool.busy += 1


@inlined
def _work(net, s, number, now):
    """Begin the work of a visit; returns when it ends."""
    visit, run, path = net.visits[number], s.runs[number], s.clock[0].path
    attempt = s.fates[visit.order].attempt
    note_wait(net, s, number, now)
    run.state, run.start = RUNNING, now
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
            for at in range(pool.first_turn, pool.first_turn + pool.busy):
                if s.held[at] == visit.head:
                    s.held[at] = s.held[pool.first_turn + pool.busy]
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
