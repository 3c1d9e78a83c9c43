"""Loads flow files, the only writer of products, flows and stages; and what may change about a product afterwards."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.db.models import Max, TextChoices

from supplychain.audit.actions import refuse_if_used
from supplychain.audit.refusals import check_reason, refuse_unless_valid, told_by
from supplychain.flows.models import Flow, Product, Stage
from supplychain.flows.rules.checks import FlowDefinition, ProductDefinition, check_flow
from supplychain.flows.rules.files import FileProblem
from supplychain.people.models import User


@transaction.atomic
def change_product(
    product: Product, *, name: str, requirements: str, is_active: bool, reason: str, by: User | None
) -> Product:
    """Rename a product, say what it requires of a centre (a line each), end or resume new orders. Raises Refused.

    Orders under way go on.
    """
    reason = check_reason(reason)
    product.name, product.requirements, product.is_active = name, requirements, is_active
    refuse_unless_valid(product)
    with told_by("change_product", by, reason):
        product.save(update_fields=["name", "requirements", "is_active"])
    return product


# The flow files that come with CellOps.
SHIPPED_FLOWS = Path(__file__).resolve().parent


class FlowOutcome(TextChoices):
    """What loading a file did to one product's flow."""

    CREATED = "created", "Created"
    NEW_VERSION = "new_version", "New version"
    UNCHANGED = "unchanged", "Unchanged"


class FlowRefused(Exception):
    """A flow file cannot be loaded; `problems` says everything that is wrong with it."""

    def __init__(self, problems: tuple[FileProblem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class LoadedFlow:
    """One product's flow after loading. `default_changed`: it became, or ceased to be, the product's default."""

    product: Product
    flow: Flow
    outcome: FlowOutcome
    default_changed: bool
    product_renamed: bool

    @property
    def changed(self) -> bool:
        """Whether loading changed anything at all."""
        return self.outcome != FlowOutcome.UNCHANGED or self.default_changed or self.product_renamed


@transaction.atomic
def load_flow(text: str, *, by: User | None, now: datetime, reason: str = "") -> list[LoadedFlow]:
    """Check a flow file's text and load it for each of its products, in the file's order.

    The same journey again makes no new version; another one becomes version + 1 and the current one, while orders
    keep the version that they started with. `by` None: a command; `reason` is kept in the history.
    Raises FlowRefused and then changes nothing.
    """
    checked = check_flow(text)
    if checked.definition is None:
        raise FlowRefused(checked.problems)
    definition = checked.definition
    with told_by("load_flow", by, reason):
        loaded = {product.code: _load_for(product, definition, now) for product in _in_lock_order(definition)}
    return [loaded[product.code] for product in definition.products]


def _in_lock_order(definition: FlowDefinition) -> list[ProductDefinition]:
    # Two files loaded at once lock their products in the same order, so neither waits for the other for ever.
    return sorted(definition.products, key=lambda product: product.code)


def _load_for(wanted: ProductDefinition, definition: FlowDefinition, now: datetime) -> LoadedFlow:
    Product.objects.get_or_create(code=wanted.code, defaults={"name": wanted.name})
    product = Product.objects.select_for_update().get(code=wanted.code)
    renamed = product.name != wanted.name
    if renamed:
        product.name = wanted.name
        product.save(update_fields=["name"])
    current = Flow.objects.filter(product=product, code=definition.code, is_current=True).first()
    was_default = current is not None and current.is_default
    if current is not None and current.definition == definition.as_json():
        flow, outcome = current, FlowOutcome.UNCHANGED
    else:
        flow = _new_version(product, definition, now)
        outcome = FlowOutcome.CREATED if current is None else FlowOutcome.NEW_VERSION
    _set_default(flow, wanted.default)
    return LoadedFlow(product, flow, outcome, was_default != wanted.default, renamed)


def _new_version(product: Product, definition: FlowDefinition, now: datetime) -> Flow:
    versions = Flow.objects.filter(product=product, code=definition.code)
    newest = versions.aggregate(newest=Max("version"))["newest"] or 0
    versions.filter(is_current=True).update(is_current=False, is_default=False)
    flow = Flow.objects.create(
        product=product,
        code=definition.code,
        version=newest + 1,
        name=definition.name,
        restart_stage=definition.restart_stage,
        signed_acts=definition.signed_acts,
        definition=definition.as_json(),
        loaded_at=now,
    )
    Stage.objects.bulk_create(_stages(flow, definition))
    return flow


def _stages(flow: Flow, definition: FlowDefinition) -> list[Stage]:
    """The flow's stages as rows; positions count from 1."""
    return [
        Stage(
            flow=flow,
            position=position,
            code=stage.code,
            name=stage.name,
            kind=stage.kind,
            after=list(stage.after),
            planned_hours=stage.planned_hours,
            worst_hours=stage.worst_hours,
            longest_wait_hours=stage.longest_wait_hours,
            pool=stage.pool,
            keeps_pool=stage.keeps_pool,
            place=stage.place,
            direction=stage.direction,
            may_end_after_release=stage.may_end_after_release,
            words=stage.words,
            storage=stage.storage,
            checklist=stage.checklist,
            frozen_for_hours=stage.frozen_for_hours,
            packing=stage.packing,
            unpacking=stage.unpacking,
            two_people=stage.two_people,
        )
        for position, stage in enumerate(definition.stages, start=1)
    ]


def _set_default(flow: Flow, is_default: bool) -> None:
    """Make the flow its product's only default, or no default."""
    if flow.is_default == is_default:
        return
    if is_default:
        Flow.objects.filter(product_id=flow.product_id, is_default=True).update(is_default=False)
    flow.is_default = is_default
    flow.save(update_fields=["is_default"])


@transaction.atomic
def delete_product(product: Product, *, reason: str, by: User | None) -> None:
    """Delete a product that was never ordered, with its flows. Raises Refused."""
    reason = check_reason(reason)
    refuse_if_used(product, along=[Flow])
    with told_by("delete_product", by, reason):
        Stage.objects.filter(flow__product=product).delete()
        Flow.objects.filter(product=product).delete()
        product.delete()
