"""What somebody answers of a logger's file: zone, unit, order of dates, serial number. Pure."""

from collections.abc import Mapping
from typing import Any

from supplychain.conditions.rules.forms import CELSIUS, FAHRENHEIT
from supplychain.conditions.rules.moments import DAY_FIRST, MONTH_FIRST, zone_of
from supplychain.conditions.rules.names import logger_name

UNITS = (CELSIUS, FAHRENHEIT)
ORDERS = (DAY_FIRST, MONTH_FIRST)


def answer_problems(said: Mapping[str, Any]) -> dict[str, list[str]]:
    """Why answers cannot be used, by name; those that are left out or empty are no answers."""
    problems = {}
    if (zone := said.get("zone", "").strip()) and zone_of(zone) is None:
        problems["zone"] = ["There is no such zone: write a place such as Europe/Berlin, or UTC+01:00."]
    if said.get("unit", "") not in ("", *UNITS):
        problems["unit"] = ["Use C or F."]
    if said.get("order", "") not in ("", *ORDERS):
        problems["order"] = ["Say which comes first: day or month."]
    if (logger := said.get("logger", "")) and not logger_name(logger):
        problems["logger"] = ["Write the serial number as it is printed on the logger."]
    return problems
