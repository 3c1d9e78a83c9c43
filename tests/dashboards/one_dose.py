"""One dose whose way takes seconds instead of weeks, and the people who carry it from page to page."""

from collections.abc import Mapping

from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from batches.flags.actions.evaluation import evaluate_due_orders
from batches.flags.models import Flag
from batches.judgement.statuses import FlagCode
from supplychain.flows.actions import load_flow
from supplychain.orders.actions.events import Reporter, record_event
from supplychain.orders.actions.placing import place_order
from supplychain.orders.models import PatientOrder
from supplychain.people.models import User
from supplychain.people.statuses import Role
from supplychain.sites.statuses import SiteKind
from tests.dashboards.windows import sign_in
from tests.supplychain.builders import make_site, make_source, make_user
from tests.system import RunningSystem

THEIRS = "G123426000001"  # the donation number of another patient's bag
A_SECOND = 0.0003  # hours
FLOW = f"""
code: quick
name: A journey in seconds
products:
  - {{code: quick, name: Quick CAR-T, default: true}}
restart_stage: expansion
stages:
  - {{code: collection, name: Apheresis, kind: collection, place: collection_site, planned: {A_SECOND}, worst: 1}}
  - code: inbound
    name: Transport to the plant
    kind: transport
    direction: inbound
    place: plant
    after: [collection]
    planned: {A_SECOND}
    worst: 1
    longest_wait: 24
    storage: {{name: Refrigerated, from: 2, to: 8, limits: [{{at_least: 15.1}}]}}
  - {{code: receipt, name: Receipt at the plant, kind: manufacturing, place: plant, after: [inbound],
      planned: {A_SECOND}, worst: 1, longest_wait: 12}}
  - {{code: expansion, name: Expansion, kind: manufacturing, place: plant, after: [receipt],
      planned: {A_SECOND}, worst: 1, longest_wait: 48}}
  - {{code: tests, name: Release tests, kind: quality_control, place: plant, after: [expansion],
      planned: {A_SECOND}, worst: 1}}
  - {{code: disposition, name: Disposition, kind: release, place: plant, after: [tests],
      planned: {A_SECOND}, worst: 1}}
  - {{code: outbound, name: Transport to the infusion site, kind: transport, direction: outbound, place: plant,
      after: [disposition], planned: {A_SECOND}, worst: 1, longest_wait: 4000}}
  - {{code: infusion, name: Infusion, kind: infusion, place: infusion_site, after: [outbound],
      planned: {A_SECOND}, worst: 1, longest_wait: 4000}}
"""


class OneDose:
    """The plant, the centre and its people; another patient's order, whose bag is mistaken for ours."""

    def __init__(self) -> None:
        load_flow(FLOW, by=None, now=timezone.now())
        self.plant = make_site("plant", SiteKind.PLANT)
        self.oslo, self.bergen = make_site("oslo"), make_site("bergen")
        self.oslo.facilities = ["G1234"]
        self.oslo.save()
        self.clara = make_user("clara", self.oslo, role=Role.SITE_COORDINATOR)
        self.carl = make_user("carl", self.oslo, role=Role.SITE_COORDINATOR)
        self.ola, self.olu = make_user("ola", self.plant), make_user("olu", self.plant)
        self.quynh = make_user("quynh", self.plant, role=Role.QA)
        self.bo = make_user("bo", self.bergen, role=Role.SITE_COORDINATOR)
        self.mes = Reporter.of_source(make_source("mes", self.plant, self.oslo))
        self.told = 0
        self.theirs = self._of_another_patient()

    def _of_another_patient(self) -> PatientOrder:
        placed = place_order(
            by=self.mes, now=timezone.now(), product="quick", patient_reference="PX-7K2M4", ordering_site="oslo",
            plant="plant", ordered_at=timezone.now(),
        )  # fmt: skip
        order = PatientOrder.objects.get(pk=placed.order_id)
        self.tell(order, "started", "collection")
        self.tell(order, "completed", "collection", {"donation_number": THEIRS})
        return order

    def tell(
        self, order: PatientOrder, kind: str, stage: str = "", payload: Mapping[str, object] | None = None
    ) -> None:
        """What the plant's system or the hospital's reports now."""
        self.told += 1
        said = {
            "source_event_id": f"told-{self.told}", "order": str(order.pk), "kind": kind, "stage": stage,
            "occurred_at": timezone.now().isoformat(), "payload": payload or {},
        }  # fmt: skip
        result = record_event(said, by=self.mes)
        assert (result.outcome, result.reason) == ("created", "")


class Carrying:
    """A browser in which one person after another does their part of it."""

    def __init__(self, world: OneDose, system: RunningSystem, context: BrowserContext, page: Page) -> None:
        self.world, self.system, self.context, self.page = world, system, context, page
        self.order = world.theirs

    def open(self, person: User, name: str, *args: object, query: str = "") -> None:
        """A page as this person sees it."""
        sign_in(self.context, self.system, person)
        path = reverse(name, args=args)
        self.page.goto(self.system.address + path + query)

    def dialog_of(self, person: User, kind: str, stage: str = "") -> None:
        """The dialog of a report, from the order's page."""
        self.open(person, "order", self.order.pk)
        button = self.page.locator(f"#report-{kind}-{stage or 'order'}-{self.order.pk}")
        if not button.is_visible():
            self.page.locator(f"#actions-more-{self.order.pk} > summary").click()
        button.click()
        expect(self.page.locator("dialog #dialog-title")).to_be_visible()

    def scan(self, code: str, answer: str) -> None:
        """A scanner's code in the open dialog, and the word that answers it."""
        field = self.page.locator("dialog [data-check]")
        field.press_sequentially(code)
        field.press("Enter")
        expect(self.page.locator("dialog .check-word")).to_have_text(answer)

    def record(self, fields: Mapping[str, str] | None = None) -> None:
        """Send the open dialog and see that it was taken."""
        sheet = self.page.locator("dialog")
        for label, value in (fields or {}).items():
            sheet.get_by_label(label).fill(value)
        sheet.locator("form[data-report] .sheet-go button[type=submit]").click()
        expect(sheet.locator(".report-good")).to_be_visible()

    def report(self, person: User, kind: str, stage: str = "", **fields: str) -> None:
        """One report by a person, without a scan."""
        self.dialog_of(person, kind, stage)
        self.record({name.replace("_", " "): value for name, value in fields.items()})

    def caught(self, person: User, kind: str, stage: str, second: User) -> None:
        """The other patient's bag is in hand; nothing goes on until two others have resolved it."""
        self.dialog_of(person, kind, stage)
        self.scan(THEIRS, "MISMATCH: stop")
        evaluate_due_orders(now=timezone.now())
        flag = Flag.objects.get(order=self.order, code=FlagCode.IDENTITY_MISMATCH, cleared_at=None)
        self.open(person, "order", self.order.pk)
        expect(self.page.locator(".actions-main").get_by_role("button")).to_have_count(0)
        for resolver in (second, self.world.quynh):
            self.open(resolver, "order", self.order.pk)
            self.page.locator(f"#resolve-{flag.pk}").click()
            self.page.locator("dialog textarea").fill("The order’s own material was found and read.")
            self.page.locator("dialog button[type=submit]").click()
            expect(self.page.locator("dialog")).not_to_be_visible()
            evaluate_due_orders(now=timezone.now())
        flag.refresh_from_db()
        assert flag.cleared_at is not None
