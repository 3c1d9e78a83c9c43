"""Bookings and hours: whose place is booked for a moment, who may take a place meanwhile, and when work begins in it.

A place that is booked is not taken by anybody who would usually still hold it at the booked moment.
"""

from math import log

from batches.durations.rules.start_hours import WAITED
from batches.simulation.rules import moments
from batches.simulation.rules.chance import START, chance
from batches.simulation.rules.compiled import inlined
from batches.simulation.rules.network import WAITING
from batches.simulation.rules.state import OPEN

# ruff: noqa: ANN001, ANN201, ANN202 - compiled for the arrays it is given

is_after, is_by = inlined(moments.is_after), inlined(moments.is_by)


@inlined
def is_in_time(net, s, number):
    """Whether the visit was ready by the moment for which it has booked."""
    visit = net.visits[number]
    return s.fates[visit.order].attempt == 0 and is_by(s.runs[number].ready, visit.booked)


@inlined
def may_take(net, s, number, now):
    """Whether a place is free that nobody has booked for a moment at which this visit usually still holds it."""
    visit = net.visits[number]
    pool, last = s.pools[visit.pool], net.booking_start[visit.pool + 1]
    if pool.busy >= pool.places:
        return False
    while pool.booking < last and not is_by(now, net.visits[net.bookings[pool.booking]].booked):
        pool.booking += 1
    if pool.booking == last or is_in_time(net, s, number):
        return True
    until = begins_at(net, s, number, now) + net.standing[number].stay
    for at in range(pool.booking, last):
        moment = net.visits[net.bookings[at]].booked
        if is_by(until, moment):
            break
        # Enough for all who may have booked by then, whoever leaves: of a large pool this answers nearly always.
        if _places_at(net, s, visit.pool, moment) - pool.busy > at - pool.booking + 1:
            continue
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
def begins_at(net, s, number, now):
    """When work begins on a visit that could begin now: at once, or by the chances of the hours to come. A booked
    moment that is met stands.

    Chances to begin are a Poisson process whose rate hangs on the hour and on how long ago the visit could have begun:
    by when so many have passed (Çinlar 1975).
    """
    if net.hours_of.size == 0 or net.hours_of[number] < 0:
        return now
    visit, which = net.visits[number], net.hours_of[number]
    if is_in_time(net, s, number) and is_by(now, visit.booked):
        return now
    attempt, path = s.fates[visit.order].attempt, s.clock[0].path
    left = -log(chance(net.orders[visit.order].key, visit.stage, attempt, START, path))
    # Who waits for no place, or waits now, could have begun since it was ready.
    could = s.runs[number].ready if visit.pool < 0 or now <= 0.0 else now
    wait, since = 0, now
    while wait < len(WAITED) - 1:
        until = could + WAITED[wait + 1]
        if until > since:
            passed = net.by_wait[which, wait] * (_passed_by(net, which, until) - _passed_by(net, which, since))
            if passed > left:
                break
            left, since = left - passed, until
        wait += 1
    return max(_when_passed(net, which, _passed_by(net, which, since) + left / net.by_wait[which, wait]), now)


@inlined
def _passed_by(net, which, moment):
    """How many chances to begin have passed by a moment, on the mean; none come after the last hour that is known."""
    at, last = moment + net.hours_since[which], net.hours.shape[1] - 1
    if at >= last:
        return net.hours[which, last]
    low = int(at)
    return net.hours[which, low] + (at - low) * (net.hours[which, low + 1] - net.hours[which, low])


@inlined
def _when_passed(net, which, passed):
    """By when so many chances have passed."""
    last = net.hours.shape[1] - 1
    if passed >= net.hours[which, last]:
        return last - net.hours_since[which]
    low, high = 0, last
    while high - low > 1:
        middle = (low + high) // 2
        if net.hours[which, middle] <= passed:
            low = middle
        else:
            high = middle
    share = (passed - net.hours[which, low]) / (net.hours[which, high] - net.hours[which, low])
    return low + share - net.hours_since[which]
