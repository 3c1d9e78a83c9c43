"""What is asked of who wants a dose by a date: by the forecast that the form for the order shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from supplychain.flows.models import Flow
from supplychain.flows.queries import flow_plan
from supplychain.orders.models import PatientOrder
from supplychain.orders.rules.promises import ExpectedDose
from supplychain.orders.rules.requests import wanted_date_question
from supplychain.orders.rules.stored_cells import with_stored
from supplychain.orders.signals import new_dose_asked


@dataclass(slots=True)
class WantedDates:
    """The dates wanted of orders placed at `now`; what is expected of each kind of order is asked once."""

    now: datetime
    _known: dict[tuple, ExpectedDose | None] = field(default_factory=dict)

    def question(
        self, wanted_at: datetime, flow: Flow, sites: Mapping[str, UUID], priority: str, *, is_stored: bool = False
    ) -> str:
        """Why this date needs a second thought; empty if it may be kept. `sites`: ids by place, as far as chosen;
        `is_stored`: the order's cells were collected before."""
        kind = (flow.pk, tuple(sorted(sites.items())), priority, is_stored)
        if kind not in self._known:
            self._known[kind] = self._expected(flow, sites, priority, is_stored=is_stored)
        plan = with_stored(flow_plan(flow.pk)) if is_stored else flow_plan(flow.pk)
        return wanted_date_question(wanted_at, self._known[kind], plan, self.now)

    def _expected(
        self, flow: Flow, sites: Mapping[str, UUID], priority: str, *, is_stored: bool
    ) -> ExpectedDose | None:
        of_kind = {"flow_id": flow.pk, "product_id": flow.product_id, "sites": sites, "priority": priority}
        of_kind["is_stored"] = is_stored
        told = new_dose_asked.send(PatientOrder, now=self.now, **of_kind)
        return next((answer for _, answer in told if answer), None)
