"""The flows that the demo walks through: the files that come with CellOps."""

from supplychain.flows.actions import SHIPPED_FLOWS, change_product
from supplychain.flows.models import Product
from supplychain.flows.rules.checks import FlowDefinition, check_flow

# What the invented products ask of a centre, by product code; the limits of their collections stand in the flows.
REQUIREMENTS = {
    "cd19-a": (
        "Adults with CD19-positive disease.\n"
        "No steroids for 7 days before the collection.\nLymphodepletion on days −5 to −3."
    ),
    "cd19-b": (
        "Adults with CD19-positive disease.\nFrozen at the centre within 24 h.\n"
        "Two bags, each with its own donation label.\nLymphodepletion on days −5 to −3."
    ),
    "bcma-c": (
        "Adults with multiple myeloma after three lines of treatment.\nCollection from Monday to Wednesday only."
    ),
}


def write_requirements() -> None:
    """Say of each product of the demo what it asks of a centre."""
    for product in Product.objects.filter(code__in=REQUIREMENTS):
        change_product(
            product, name=product.name, requirements=REQUIREMENTS[product.code], is_active=product.is_active,
            reason="Demo", by=None,
        )  # fmt: skip


def shipped_flows() -> dict[str, str]:
    """The text of every flow file, by file name."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(SHIPPED_FLOWS.glob("*.yaml"))}


def checked_flows() -> dict[str, FlowDefinition]:
    """The flows, by code."""
    checked = [check_flow(text).definition for text in shipped_flows().values()]
    return {flow.code: flow for flow in checked if flow}
