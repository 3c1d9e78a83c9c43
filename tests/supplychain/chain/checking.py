"""Two patients' orders at one plant, people with each role, and codes read with one of them in hand."""

from supplychain.chain.actions.identity import Checked, check_identity
from supplychain.chain.statuses import CheckPlace
from supplychain.orders.actions.events import Reporter, record_event
from supplychain.orders.models import PatientOrder
from supplychain.people.statuses import Role
from tests.supplychain.builders import World, at, make_user, report

MINE, THEIRS = "G123417654321", "G123426000001"


class CheckedWorld(World):
    """An order of Oslo and one of another patient, both collected; somebody of each role, and a stranger."""

    def __init__(self) -> None:
        super().__init__()
        self.coordinator = make_user("clara", self.oslo, role=Role.SITE_COORDINATOR)
        self.operator = make_user("ola", self.plant)
        self.second = make_user("olu", self.plant)
        self.quality = make_user("quynh", self.plant, role=Role.QA)
        self.inspector = make_user("ines", self.plant, role=Role.INSPECTOR)
        self.foreigner = make_user("bo", self.bergen, role=Role.SITE_COORDINATOR)
        self.mine = self.order(coi="CO-MINE")
        self.theirs = self.order(coi="CO-THEIRS", patient_reference="pseudonym-2")
        for order, number in ((self.mine, MINE), (self.theirs, THEIRS)):
            for kind, hours in (("started", 1), ("completed", 5)):
                said = report(order, kind, "collection", hours, payload={"donation_number": number})
                record_event(said, by=self.reporter, now=at(hours))

    def check(
        self, read: str, *, by=None, order: PatientOrder | None = None, hours: float = 6, client_id: str = "", **more
    ) -> Checked:
        reporter = by if isinstance(by, Reporter) else Reporter.of_user(by or self.operator)
        given = {"place": CheckPlace.ORDER, "client_id": client_id or f"{read}-{hours}"[:100], "now": at(hours)} | more
        return check_identity((order or self.mine).pk, read=read, by=reporter, **given)
