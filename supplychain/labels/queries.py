"""Labels of orders, and what stands on a new one."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

from supplychain.flows.queries import flow_plan
from supplychain.identifiers.rules.characters import lookup_key
from supplychain.identifiers.statuses import IdentifierKind
from supplychain.labels.models import Label
from supplychain.labels.rules.layouts import LabelLayout, read_layouts
from supplychain.labels.rules.reconciling import OpenLabel
from supplychain.labels.rules.texts import Labelled
from supplychain.labels.statuses import LabelDoubt, LabelStatus
from supplychain.materials.models import Material
from supplychain.orders.models import Identifier, PatientOrder, StatusEvent
from supplychain.orders.queries import Stands
from supplychain.sql import read

OPEN_SQL = """SELECT order_id, serial, number, stage, attempt, printed_at FROM supplychain_label
    WHERE order_id = ANY(%(ids)s::uuid[]) AND status = %(open)s AND withdrawn_at IS NULL
    ORDER BY order_id, printed_at, serial"""


def layouts() -> dict[str, LabelLayout]:
    """The sizes of labels in the settings, by name."""
    return read_layouts(settings.LABEL_LAYOUTS)


def open_labels_of(order_ids: list[str]) -> dict[UUID, tuple[OpenLabel, ...]]:
    """The labels of these orders (ids as text) of which nobody said how they ended; one query."""
    found: dict[UUID, tuple[OpenLabel, ...]] = {}
    for order_id, *rest in read(OPEN_SQL, ids=order_ids, open=LabelStatus.OPEN.value):
        found[order_id] = (*found.get(order_id, ()), OpenLabel(*rest))
    return found


@dataclass(frozen=True, slots=True)
class ShownLabel:
    """A label as pages show it, with who printed it and who said how it ended."""

    label: Label
    stage_name: str
    printed_by: str
    ended_by: str

    @property
    def is_open(self) -> bool:
        """Whether it is still to be accounted for."""
        return self.label.status == LabelStatus.OPEN

    @property
    def doubts(self) -> Sequence[LabelDoubt]:
        """What of it does not fit."""
        return [LabelDoubt(one) for one in self.label.doubts]


def shown_labels(order: PatientOrder) -> list[ShownLabel]:
    """The order's labels, those that are open first, then the newest; two queries."""
    labels = list(Label.objects.filter(order=order))
    labels.sort(key=lambda one: (one.status == LabelStatus.OPEN, one.printed_at or one.ended_at), reverse=True)
    said_by, stages = reporters(labels), flow_plan(order.flow_id).stages
    return [
        ShownLabel(
            one,
            stages[one.stage].name if one.stage in stages else "",
            said_by.get(one.printed_event, ""),
            said_by.get(one.ended_event, ""),
        )
        for one in labels
    ]


def reporters(labels: Iterable[Label]) -> Mapping[UUID | None, str]:
    """Who made the reports behind these labels, by event; one query."""
    events = {event for one in labels for event in (one.printed_event, one.ended_event) if event}
    return reporters_of(events)


def reporters_of(events: Collection[UUID]) -> Mapping[UUID | None, str]:
    """Who made these reports, by event; one query."""
    rows = StatusEvent.objects.filter(pk__in=events).select_related("source", "user")
    return {row.pk: str(row.source or row.user) for row in rows}


def label_with(order: PatientOrder, serial: str) -> Label | None:
    """The order's label of this number."""
    return Label.objects.filter(order=order, key=lookup_key(serial)).first()


def printed_before(order_id: UUID, number: str, stage: str) -> list[Label]:
    """The labels that were printed of this material (empty: of the order) for this step, the newest first."""
    same = Label.objects.filter(order=order_id, number_key=lookup_key(number), stage=stage, printed_at__isnull=False)
    return list(same.order_by("-printed_at", "-serial"))


def materials_to_label(order: PatientOrder) -> list[Material]:
    """The recorded materials of the order, the newest first."""
    return list(Material.objects.filter(order=order).exclude(kind="").order_by("-made_at", "key"))


def labelled(order: PatientOrder, number: str) -> Labelled | None:
    """What a label of this material (empty: of the order) is to say; None: the order has no such material. Three
    queries."""
    donations = Identifier.objects.filter(Stands(), order=order, kind=IdentifierKind.DONATION)
    said = {
        "coi": order.coi,
        "product": order.product.name,
        "donations": tuple(dict.fromkeys(donations.order_by("recorded_at", "id").values_list("value", flat=True))),
    }
    if not number:
        return Labelled(**said)
    one = Material.objects.filter(order=order, key=lookup_key(number)).exclude(kind="").first()
    if one is None:
        return None
    others = Identifier.objects.filter(key=one.key).exclude(order=order)
    return Labelled(
        **said, number=one.number, kind=one.kind, component=one.component, storage=one.storage,
        expires_at=one.expires_at, is_alone=not others.exists(),
    )  # fmt: skip
