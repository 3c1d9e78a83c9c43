"""Who and where: invented plants, treatment centres, people and systems of the demo."""

from dataclasses import dataclass
from typing import NamedTuple

from supplychain.people.statuses import Role
from supplychain.sites.statuses import SiteKind
from supplychain.systems.statuses import SourceKind


@dataclass(frozen=True, slots=True)
class DemoSite:
    """A plant or treatment centre. `facility`: five characters that its donation numbers and chains of identity bear;
    `telephone`: from the ranges that are set aside for films and the like."""

    code: str
    name: str
    kind: SiteKind
    time_zone: str
    facility: str = ""
    telephone: str = ""


# The plants' facility numbers are those that ISBT 128 sets aside for examples.
LEIDEN = DemoSite(
    "leiden", "Rijnmond Cell Works, Leiden", SiteKind.PLANT, "Europe/Amsterdam", "A9999", "+1 202 555 0143"
)
PORTO = DemoSite("porto", "Ribeira Alta Biologics, Porto", SiteKind.PLANT, "Europe/Lisbon", "A9998", "+1 202 555 0187")
PLANTS = (LEIDEN, PORTO)


def _centre(code: str, name: str, time_zone: str, facility: str) -> DemoSite:
    telephone = f"+1 202 555 01{facility[-2:]}"
    return DemoSite(code, name, SiteKind.TREATMENT_CENTRE, time_zone, facility, telephone)


CENTRES = (
    _centre("oslo", "Fjordlund University Hospital, Oslo", "Europe/Oslo", "Z9901"),
    _centre("helsinki", "Merikallio Hospital, Helsinki", "Europe/Helsinki", "Z9902"),
    _centre("edinburgh", "Queensmuir Infirmary, Edinburgh", "Europe/London", "Z9903"),
    _centre("dublin", "St Aidan's Cancer Centre, Dublin", "Europe/Dublin", "Z9904"),
    _centre("lyon", "Hôpital des Deux-Rives, Lyon", "Europe/Paris", "Z9905"),
    _centre("heidelberg", "Neckarhalde-Klinikum, Heidelberg", "Europe/Berlin", "Z9906"),
    _centre("vienna", "Donauwiesen-Klinik, Vienna", "Europe/Vienna", "Z9907"),
    _centre("athens", "Attica Hill Hospital, Athens", "Europe/Athens", "Z9908"),
)
SITES = (*PLANTS, *CENTRES)


class Journey(NamedTuple):
    """What is ordered, how often (share of all orders), and where it is made."""

    product: str
    flow: str
    plant: DemoSite
    share: float


# Leiden works with frozen cells only, which may wait for a suite; Porto with fresh ones, which may not.
JOURNEYS = (
    Journey("cd19-b", "car_t_frozen", LEIDEN, 0.34),
    Journey("cd19-a", "car_t_frozen", LEIDEN, 0.18),
    Journey("cd19-a", "car_t_fresh", PORTO, 0.28),
    Journey("bcma-c", "car_t_fresh", PORTO, 0.20),
)
COURIERS = (("Polar Lane", "PL"), ("Halcyon Cold Chain", "HC"))


class DemoSource(NamedTuple):
    """A reporting system; it sees the orders of its sites."""

    code: str
    name: str
    kind: SourceKind
    sites: tuple[DemoSite, ...]


HOSPITALS = DemoSource("demo-hospitals", "Hospital records (demo)", SourceKind.HOSPITAL, CENTRES)
LABORATORY = DemoSource("demo-laboratory", "Release laboratory (demo)", SourceKind.LABORATORY, PLANTS)
COURIER = DemoSource("demo-courier", "Courier tracking (demo)", SourceKind.COURIER, PLANTS)
MES = {plant.code: DemoSource(f"demo-mes-{plant.code}", f"MES of {plant.name} (demo)", SourceKind.PLANT, (plant,))
       for plant in PLANTS}  # fmt: skip
SOURCES = (HOSPITALS, LABORATORY, COURIER, *MES.values())


class DemoPerson(NamedTuple):
    """A demo login; the role holds at all of its sites."""

    username: str
    first_name: str
    last_name: str
    role: Role
    sites: tuple[DemoSite, ...]


PEOPLE = (
    DemoPerson("ops", "Ingrid", "Halvorsen", Role.OPERATIONS, PLANTS),
    DemoPerson("coordinator", "Maeve", "Doyle", Role.SITE_COORDINATOR, (CENTRES[3],)),
    DemoPerson("qa", "Tomás", "Ferreira", Role.QA, PLANTS),
    DemoPerson("admin", "Ada", "Lindqvist", Role.ADMINISTRATOR, SITES),
    DemoPerson("inspector", "Wim", "de Boer", Role.INSPECTOR, SITES),
)
# Printed at every start: it guards nothing, and there is none outside demo mode.
DEMO_PASSWORD = "cells-on-time"
