"""The flows that the demo walks through: the files that come with CellOps."""

from supplychain.actions.flows import SHIPPED_FLOWS
from supplychain.rules.flows import FlowDefinition, check_flow


def shipped_flows() -> dict[str, str]:
    """The text of every flow file, by file name."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(SHIPPED_FLOWS.glob("*.yaml"))}


def checked_flows() -> dict[str, FlowDefinition]:
    """The flows, by code."""
    checked = [check_flow(text).definition for text in shipped_flows().values()]
    return {flow.code: flow for flow in checked if flow}
