"""A large line takes seconds to simulate: of orders that were heard of, what is sure after the first futures is said
first, so that a flag waits for those alone. Once all are there it is said anew, over all."""

from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

import structlog
from django.db import transaction

from batches.forecasts.actions.ledger import Said, write_said
from batches.forecasts.actions.made import Known, Made, as_said, newly_said
from batches.forecasts.models import ForecastJob
from batches.forecasts.rules import first_words as rules
from batches.forecasts.rules.line_states import Foreseen, LineState
from batches.forecasts.rules.ready import is_before_news
from batches.forecasts.rules.standing import has_moved
from batches.forecasts.rules.summaries import Simulated, simulated, summary_of
from supplychain.orders.actions.due import make_due

log = structlog.get_logger(__name__)


def say_first(state: LineState, known: Known, made: Made, lease: UUID | None) -> Simulated | None:
    """Simulate the first futures of a large line and write what they surely say; returns them, to go on from. None:
    nothing was heard of any of its orders, they are all of its futures, or they cannot be simulated."""
    heard = [at for at, one in enumerate(state.foreseen) if _is_heard(one, known)]
    if not heard or made.paths <= rules.FIRST_PATHS:
        return None
    try:
        first = simulated(state, paths=rules.FIRST_PATHS)
    except Exception:
        log.exception("the first futures of a line could not be simulated", line=str(made.line_id))
        return None  # all of its futures find who is to blame
    said = [word for at in heard if (word := _first_word(first, at, known))]
    if said and _write(said, made, lease):
        made.first = {one.order_id: known.standing[one.order_id] for one in said}
    return first


def _is_heard(one: Foreseen, known: Known) -> bool:
    return one.baseline is not None and is_before_news(known.standing.get(one.facts.id), one.facts.last_recorded_at)


def _first_word(first: Simulated, at: int, known: Known) -> Said | None:
    """What is surely said anew of the order at this place; None: nothing is, or all futures have to say it."""
    one, state = first.state.foreseen[at], first.state
    with suppress(Exception):  # of whom nothing can be said is named where all are told of
        summary = summary_of(first, at)
        new = newly_said(one, summary, state, known)
        is_new = has_moved(known.standing.get(one.facts.id), new, state.now)
        if is_new and rules.is_sure(summary, lambda other: newly_said(one, other, state, known)):
            return as_said(one, new, known)
    return None


@transaction.atomic
def _write(said: Sequence[Said], made: Made, lease: UUID | None) -> bool:
    """Write them and wake their orders; False: the line is somebody else's by now, and nothing is written. Its row is
    locked last, as where all is written."""
    make_due({one.order_id for one in said}, now=made.now)
    write_said(said, (made.line_id, made.now, made.model, rules.FIRST_PATHS))
    row = ForecastJob.objects.select_for_update(of=("self",)).filter(line=made.line_id).first()
    if lease and (row is None or row.lease != lease):
        transaction.set_rollback(True)
        return False
    return True
