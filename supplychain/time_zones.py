"""Which time zones somebody can be in: places of the IANA database, and UTC."""

from functools import cache
from zoneinfo import available_timezones

# Its other names are no place (Factory, localtime, Etc/GMT+5 with its sign turned round) or old names of one.
AREAS = (
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific",
)  # fmt: skip


@cache
def time_zones() -> tuple[str, ...]:
    """Their names, sorted: Area/City, and UTC."""
    return tuple(sorted(name for name in available_timezones() if name == "UTC" or name.partition("/")[0] in AREAS))
