"""Every page that people open, with who opens it: for the accessibility test and for the screenshots of the guide.

The addresses are those of the demo data (`seed_demo`).
"""

from dataclasses import dataclass
from urllib.parse import quote

from django.urls import reverse

from batches.flags.models import Flag
from batches.judgement.statuses import Severity
from cellops.demo.sites import DEMO_PASSWORD
from supplychain.chain.statuses import CheckOutcome
from supplychain.orders.models import PatientOrder
from supplychain.orders.statuses import OrderStatus
from supplychain.transport.models import Shipment
from supplychain.transport.statuses import ShipmentStatus


@dataclass(frozen=True, slots=True)
class DemoPage:
    """A page of the demo; `login` empty: somebody who is not signed in."""

    name: str
    login: str
    address: str


def order_at_risk() -> PatientOrder:
    """An open order of the demo with the most to see: a critical flag."""
    critical = Flag.objects.filter(cleared_at=None, severity=Severity.CRITICAL, order__status=OrderStatus.IN_PROGRESS)
    return critical.order_by("order__coi").select_related("order").first().order


def checked_order() -> PatientOrder:
    """The order with which the swapped bag was read."""
    return PatientOrder.objects.get(identity_checks__outcome=CheckOutcome.MISMATCH)


def courier() -> str:
    """A courier with something under way."""
    under_way = Shipment.objects.filter(status=ShipmentStatus.IN_TRANSIT).exclude(courier="")
    return quote(under_way.order_by("courier").first().courier)


def demo_pages() -> list[DemoPage]:
    """All of them, by name."""
    order = order_at_risk()
    return [*pages_of_operations(order), *pages_of_reporting(order), *pages_of_accounts(), *pages_of_master_data(order)]


def pages_of_operations(order: PatientOrder) -> list[DemoPage]:
    """What a plant looks at."""
    plant = order.plant.code
    return [
        DemoPage("control-tower", "ops", reverse("control_tower")),
        DemoPage("wall", "ops", reverse("control_tower") + "?wall=1"),
        DemoPage("orders", "ops", reverse("orders")),
        DemoPage("orders-without-any", "ops", reverse("orders") + "?q=NO-SUCH-ORDER"),
        DemoPage("order", "ops", reverse("order", args=[order.pk])),
        DemoPage("custody", "ops", reverse("custody", args=[order.pk])),
        DemoPage("lines", "ops", reverse("lines")),
        DemoPage("line", "ops", reverse("line", args=[plant])),
        DemoPage("stage", "ops", reverse("line_stage", args=[plant, "expansion"])),
        DemoPage("bottlenecks", "ops", reverse("bottlenecks")),
        DemoPage("resources", "ops", reverse("resources")),
        DemoPage("resource", "ops", reverse("resource", args=["courier"]) + f"?name={courier()}"),
        DemoPage("trace", "ops", f"{reverse('trace')}?order={order.pk}"),
        DemoPage("materials", "ops", reverse("order_materials", args=[order.pk])),
        DemoPage("labels", "ops", reverse("order_labels", args=[order.pk])),
        DemoPage("kpis", "ops", reverse("kpis")),
        DemoPage("durations", "ops", reverse("durations")),
        DemoPage("calibration", "ops", reverse("calibration")),
        DemoPage("predictions", "ops", reverse("calibration_predictions")),
        DemoPage("alarms", "ops", reverse("alarms")),
        DemoPage("ramp-ups", "ops", reverse("ramp_ups")),
        DemoPage("new-ramp-up", "ops", f"{reverse('new_ramp_up')}?line={plant}"),
        DemoPage("line-costs", "ops", f"{reverse('line_costs')}?line={plant}"),
        DemoPage("not-found", "ops", "/no-such-page/"),
    ]


def pages_of_reporting(order: PatientOrder) -> list[DemoPage]:
    """Where something is said, and where one is told."""
    return [
        DemoPage("site", "coordinator", reverse("site")),
        DemoPage("new-order", "coordinator", reverse("request_order")),
        DemoPage("record", "ops", f"{reverse('operations')}?order={order.pk}"),
        DemoPage("identity-checks", "ops", reverse("identity_checks", args=[checked_order().pk])),
        DemoPage("inbox", "ops", reverse("inbox")),
        DemoPage("acknowledge-together", "ops", f"{reverse('acknowledge_flags')}?code=promise_at_risk"),
        DemoPage("notification-settings", "ops", reverse("notification_settings")),
        DemoPage("handover", "ops", reverse("handover")),
    ]


def pages_of_accounts() -> list[DemoPage]:
    """A person's own account, and the ways into it."""
    return [
        DemoPage("login", "", reverse("login")),
        DemoPage("profile", "ops", reverse("profile")),
        DemoPage("second-factors", "ops", reverse("mfa_index")),
        DemoPage("password", "ops", reverse("account_change_password")),
        DemoPage("password-reset", "", reverse("account_reset_password")),
    ]


def pages_of_master_data(order: PatientOrder) -> list[DemoPage]:
    """The administration."""
    return [
        DemoPage("signatures", "qa", reverse("signatures")),
        DemoPage("admin", "admin", reverse("admin:index")),
        DemoPage("admin-site", "admin", reverse("admin:supplychain_site_add")),
        DemoPage("admin-products", "admin", reverse("admin:supplychain_product_changelist")),
        DemoPage("admin-flow", "admin", reverse("admin:supplychain_flow_change", args=[order.flow_id])),
    ]


def password() -> str:
    """The demo logins' password."""
    return DEMO_PASSWORD
