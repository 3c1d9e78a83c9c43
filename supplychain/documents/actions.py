"""Issuing a document: what it says is kept word for word, so that a printed copy can be compared later."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from supplychain.documents.models import IssuedReport
from supplychain.documents.rules.fingerprints import fingerprint_of
from supplychain.nesting import sorted_json
from supplychain.orders.models import PatientOrder
from supplychain.people.models import User


def issue_report(
    order: PatientOrder, content: Mapping[str, Any], *, by: User, time_zone: str, now: datetime
) -> IssuedReport:
    """Keep a chain report of the order. `content`: all that it says, with the moment and the person, so that no two are
    alike; its events are those of the order as it was read."""
    text = sorted_json(content).decode()
    return IssuedReport.objects.create(
        order=order, made_at=now, made_by=by, time_zone=time_zone, events=order.version, head=order.seal,
        fingerprint=fingerprint_of(text), content=text,
    )  # fmt: skip
