"""Two heaps in plain arrays of records: what happens next, and who is next in a queue."""

from batches.simulation.rules.compiled import inlined

# ruff: noqa: ANN001, ANN201, ANN202 - compiled for the arrays it is given


@inlined
def push_event(events, size, moment, code, version):
    """Put an event in; returns the new size. Events at one moment come by their code."""
    at = size
    while at > 0:
        parent = (at - 1) >> 1
        above = events[parent]
        if above.at < moment or (above.at == moment and above.code <= code):
            break
        events[at] = events[parent]
        at = parent
    events[at].at, events[at].code, events[at].version = moment, code, version
    return size + 1


@inlined
def drop_event(events, size):
    """Take the first event away; returns the new size."""
    size -= 1
    moment, code = events[size].at, events[size].code
    at = 0
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        if child + 1 < size and _earlier(events[child + 1], events[child].at, events[child].code):
            child += 1
        if not _earlier(events[child], moment, code):
            break
        events[at] = events[child]
        at = child
    events[at] = events[size]
    return size


@inlined
def _earlier(event, moment, code):
    return event.at < moment or (event.at == moment and event.code < code)


@inlined
def join_queue(turns, base, size, rank, ready, visit, version):
    """Put a visit into the queue that begins at `base`: by rank, then since when it is ready, then by number."""
    at = size
    while at > 0:
        parent = (at - 1) >> 1
        if not _yields(turns[base + parent], rank, ready, visit):
            break
        turns[base + at] = turns[base + parent]
        at = parent
    turn = turns[base + at]
    turn.rank, turn.ready, turn.visit, turn.version = rank, ready, visit, version
    return size + 1


@inlined
def leave_queue(turns, base, size):
    """Take the first visit out of the queue; returns the new size."""
    size -= 1
    end = turns[base + size]
    rank, ready, visit = end.rank, end.ready, end.visit
    at = 0
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        first = turns[base + child]
        if child + 1 < size and not _yields(turns[base + child + 1], first.rank, first.ready, first.visit):
            child += 1
        if _yields(turns[base + child], rank, ready, visit):
            break
        turns[base + at] = turns[base + child]
        at = child
    turns[base + at] = turns[base + size]
    return size


@inlined
def _yields(turn, rank, ready, visit):
    """Whether `turn` comes after the given one."""
    if turn.rank != rank:
        return turn.rank > rank
    if turn.ready != ready:
        return turn.ready > ready
    return turn.visit > visit
