"""What is checked before a second person is heard who confirms a report."""

from collections.abc import Iterator
from datetime import datetime

from supplychain.orders.actions.facts import Reporter
from supplychain.orders.actions.store import LockedOrder
from supplychain.orders.models import StatusEvent
from supplychain.orders.rules.duties import roles_at
from supplychain.orders.rules.events import EventReport
from supplychain.orders.rules.second_people import Asking, witness_problem
from supplychain.orders.rules.withdrawals import event_named


def witness_problems(by: Reporter, report: EventReport, order: LockedOrder, now: datetime) -> Iterator[str]:
    """Why this person does not confirm this report as its second person."""
    told = StatusEvent.objects.select_related("source")
    event_id = event_named(report.payload)
    event = told.filter(order=order.id, pk=event_id).first() if event_id else None
    if event is None:
        yield "payload.event: This order has no such report; look at its custody again."
        return
    asking = Asking(by.key, str(by.user), roles_at(order.sites, by.rights))
    if problem := witness_problem(order.flow, event, asking, order.state.withdrawn, now):
        yield f"payload.event: {problem}"
