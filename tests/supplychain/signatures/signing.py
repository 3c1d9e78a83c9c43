"""A small world whose product asks for signatures, and people who sign in it."""

import re
from collections.abc import Sequence
from typing import Any

from django.test import Client
from django.urls import reverse

from supplychain.audit.models import Signature
from supplychain.audit.statuses import SignedAct
from supplychain.flows.models import Flow
from supplychain.flows.queries import flow_plan
from supplychain.orders.actions.events import record_events
from supplychain.people.models import User
from supplychain.people.statuses import Role
from tests.dashboards.builders import HTMX, browser_of
from tests.supplychain.builders import make_user, report
from tests.supplychain.conditions.warm import WarmWorld

PASSWORD = "a long enough word"
TO_RELEASE = (
    ("completed", "collection"), ("completed", "inbound"), ("completed", "selection"), ("completed", "harvest"),
    ("started", "release"),
)  # fmt: skip


class SignedWorld(WarmWorld):
    """Its flow has all acts signed, or those named; one order may be released."""

    def __init__(self, acts: Sequence[str] = SignedAct.values) -> None:
        super().__init__()
        Flow.objects.filter(pk=self.flow.pk).update(signed_acts=list(acts))
        flow_plan.cache_clear()
        self.quality = make_user("quynh", self.plant, role=Role.QA)

    def releasable(self, **given: Any) -> Any:
        """An order whose release was begun."""
        order = self.order(**given)
        rows = [report(order, kind, stage, hours) for hours, (kind, stage) in enumerate(TO_RELEASE, 1)]
        record_events(rows, by=self.reporter)
        order.refresh_from_db()
        return order

    def release(
        self, order: Any, *, by: User | None = None, kind: str = "completed", **more: str
    ) -> tuple[Client, Any]:
        """The dialog of the release, sent with what stands in it and `more`."""
        client = browser_of(by or self.quality)
        address = f"{reverse('report_event', args=[order.pk])}?kind={kind}&stage=release&attempt=1"
        page = client.get(address, headers=HTMX).text
        said = dict(re.findall(r'<input[^>]* name="([^"]+)" value="([^"]*)"', page))
        said |= dict(re.findall(r'name="(occurred_at)" value="([^"]*)"', page)) | more
        return client, client.post(reverse("report_event", args=[order.pk]), said, headers=HTMX)


def signed() -> list[tuple[str, str]]:
    """Who signed which act, in order."""
    rows = Signature.objects.order_by("signed_at", "id")
    return [(row.user.username, row.act) for row in rows.select_related("user")]
