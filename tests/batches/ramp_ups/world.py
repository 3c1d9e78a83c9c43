"""A plant with pools and the orders of twelve weeks, and a scenario of its operations."""

from datetime import timedelta
from typing import Any

from batches.capacity.models import Pool, PoolCapacity
from batches.ramp_ups.actions.scenarios import save_scenario
from batches.ramp_ups.models import Scenario
from supplychain.people.statuses import Role
from tests.dashboards.builders import TowerWorld
from tests.supplychain.builders import T0, at, make_user

NOW = T0 + timedelta(weeks=12)
POOLS = {
    "suite": ("Suites", 2),
    "qc_lane": ("QC lanes", 3),
    "qa_reviewer": ("QA reviewers", 2),
    "courier": ("Couriers", 3),
}


class RampWorld(TowerWorld):
    """The small world with places at the plant; `qa` plans the same line, `elsewhere` another."""

    def __init__(self) -> None:
        super().__init__()
        self.qa = make_user("qa-person", self.plant, role=Role.QA)
        self.elsewhere = make_user("elsewhere", self.bergen)
        for code, (name, places) in POOLS.items():
            pool = Pool.objects.create(site=self.plant, code=code, name=name)
            PoolCapacity.objects.create(pool=pool, starts_at=T0, places=places)
        for number in range(12):
            self.order(coi=f"CO-{number}", ordered_at=at(number * 168))

    def scenario(self, **given: Any) -> Scenario:
        """A small scenario of operations."""
        said = {
            "line": self.plant, "name": "One more suite", "by": self.operations, "now": NOW, "weeks": 4,
            "replications": 10, "changes": [{"kind": "places", "subject": "suite", "amount": 1.0}],
        } | given  # fmt: skip
        return save_scenario(**said)
