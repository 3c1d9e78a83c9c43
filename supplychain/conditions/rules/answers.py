"""What somebody answers of a logger's file: column, zone, unit, order of dates, serial number. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from supplychain.conditions.rules.forms import CELSIUS, FAHRENHEIT
from supplychain.conditions.rules.moments import DAY_FIRST, MONTH_FIRST, zone_of
from supplychain.conditions.rules.names import logger_name

UNITS = (CELSIUS, FAHRENHEIT)
ORDERS = (DAY_FIRST, MONTH_FIRST)


def answer_problems(said: Mapping[str, Any], probes: Sequence[str]) -> dict[str, list[str]]:
    """Why answers cannot be used, by name; those that are left out or empty are no answers. `probes`: names of the
    columns that may be the temperature."""
    problems = {}
    if said.get("probe", "") not in ("", *probes):
        problems["probe"] = [f"Name the column as the file does: {', '.join(f'“{name}”' for name in probes)}."]
    if (zone := said.get("zone", "").strip()) and zone_of(zone) is None:
        problems["zone"] = ["There is no such zone: write a place such as Europe/Berlin, or UTC+01:00."]
    if said.get("unit", "") not in ("", *UNITS):
        problems["unit"] = ["Use C or F."]
    if said.get("order", "") not in ("", *ORDERS):
        problems["order"] = ["Say which comes first: day or month."]
    if (logger := said.get("logger", "")) and not logger_name(logger):
        problems["logger"] = ["Write the serial number as it is printed on the logger."]
    return problems
