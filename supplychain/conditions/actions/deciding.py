"""Quality assurance decides on an excursion: a sealed event of the order."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from supplychain.audit.signing import Proof
from supplychain.conditions.models import Excursion
from supplychain.conditions.queries import excursions_of
from supplychain.conditions.rules.excursions import disagreement_words
from supplychain.orders.actions.events import Reporter, ReportResult, record_event
from supplychain.orders.actions.store import lock_orders
from supplychain.orders.models import StatusEvent
from supplychain.orders.statuses import ExcursionDecision, OrderEventKind, ReportOutcome
from supplychain.people.models import User


class DecisionRefused(Exception):
    """A decision that is not taken; the message says what to do."""


@transaction.atomic
def decide_excursion(
    excursion_id: UUID, *, by: User, decision: str, reason: str, seen: str, token: str, now: datetime,
    proof: Proof | None = None,
) -> ReportResult:  # fmt: skip
    """Record what `by` decides on the excursion, and why. Raises DecisionRefused.

    `seen`: what was shown (ExcursionFacts.seen); where readings or a decision have changed that, it is looked at again.
    `token` was made when the form was shown: the same token again changes nothing. `proof`: with which `by` signs.
    """
    reporter = Reporter.of_user(by, proof)
    # The order first, as whoever tells of it does: two who take the same locks in turn never wait for one another.
    lock_orders(Excursion.objects.filter(pk=excursion_id).values_list("order_id", flat=True), reporter.site_ids)
    excursion = Excursion.objects.select_for_update(no_key=True).filter(pk=excursion_id).first()
    if excursion and (known := _taken_already(token, by, excursion, decision, reason)):
        return known
    if excursion is None or _seen(excursion) != seen:
        raise DecisionRefused(
            "Readings, or a decision of somebody else, have changed this excursion meanwhile: look at it again."
        )
    row = {
        "source_event_id": f"excursion-{token}",
        "order": str(excursion.order_id),
        "kind": OrderEventKind.EXCURSION_DECIDED.value,
        "occurred_at": now.isoformat(),
        "payload": {
            "excursion": str(excursion.pk),
            "decision": decision,
            "reason": reason,
            "judged": excursion.digest,
            "words": f"{ExcursionDecision(decision).label}. {_broken(excursion)}"
            if decision in ExcursionDecision.values
            else "",
        },
    }
    result = record_event(row, by=reporter, now=now)
    if result.outcome != ReportOutcome.CREATED:
        raise DecisionRefused(result.refusal)
    return result


def _taken_already(token: str, by: User, excursion: Excursion, decision: str, reason: str) -> ReportResult | None:
    """What this very form recorded before; None: nothing. Raises DecisionRefused where it said something else then."""
    event = StatusEvent.objects.filter(user=by, source_event_id=f"excursion-{token}").first()
    if event is None:
        return None
    was = event.payload
    if (was["excursion"], was["decision"], was["reason"].strip()) != (str(excursion.pk), decision, reason.strip()):
        taken = ExcursionDecision(was["decision"]).label
        raise DecisionRefused(f"This form was taken already as “{taken}”, and stands so: open the excursion again.")
    return ReportResult(ReportOutcome.DUPLICATE, event.source_event_id, "", event.pk, event.order_id)


def _seen(excursion: Excursion) -> str:
    """What whoever decides must have seen; nothing of one that was withdrawn."""
    found = excursions_of([excursion.order_id]).get(excursion.order_id, ())
    return next((one.seen for one in found if one.id == excursion.pk), "withdrawn")


def _broken(excursion: Excursion) -> str:
    """What was decided on, in words that stay with the decision."""
    if not excursion.logger:
        what = disagreement_words(excursion.broken)
        return f"{what[:1].upper()}{what[1:]}: {'; '.join(one['words'] for one in excursion.broken)}"[:400]
    said = "; ".join(f"{one['words']} ({one['worst']:g} °C)" for one in excursion.broken)
    return f"Logger {excursion.logger}: {said}"[:400]
