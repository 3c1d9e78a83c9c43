"""Cells in a shipper that does not keep them, before they leave: whoever packs them does so anew, nobody decides."""

from dataclasses import replace
from uuid import UUID

from batches.judgement.statuses import FlagCode, Severity
from dashboards.centre.rules.cards import card_of
from supplychain.orders.rules.interlocks import Settlement, Stop
from supplychain.orders.statuses import Doubt
from supplychain.transport.rules.packing_words import packaging_step
from tests.dashboards.centre.builders import NOW, OSLO, flag, hours, standing_at
from tests.dashboards.centre.said_ready import FRESH, READY

STOP = Stop(UUID(int=1), UUID(int=7), "Packaging", "outbound", "A warm box.", "", NOW, Doubt.CELLS, keeps_start=True)
PLAN = FRESH.stages["outbound"]


def packaging(**given):
    step = packaging_step(PLAN, is_grave=True, has_left=False)
    return flag(FlagCode.PACKAGING, "outbound", Severity.CRITICAL, next_step=step, why="A warm box.", **given)


def test_before_the_cells_leave_the_plant_packs_them_anew_and_no_decision_is_awaited():
    card = card_of(standing_at(FRESH, "outbound", READY, stops=[STOP], flags=(packaging(),)), NOW, OSLO)
    assert card.headline.startswith("Stopped until the cells are packed anew: ")
    assert card.troubles[0].text == (
        "Something is amiss with the shipper or packaging of the cells. A warm box. "
        "The cells have not left: the plant packs them anew."
    )
    assert "quality assurance" not in card.headline + card.troubles[0].text


def test_under_way_quality_assurance_decides():
    step = packaging_step(PLAN, is_grave=True, has_left=True)
    found = packaging()._replace(next_step=step)
    card = card_of(
        standing_at(FRESH, "site_receipt", READY, stops=[replace(STOP, keeps_start=False)], flags=(found,)), NOW, OSLO
    )
    assert card.troubles[0].text.endswith("before quality assurance of the plant has decided.")


def test_what_was_settled_asks_for_no_decision():
    decided = Settlement("Quynh", "The loggers show 4 °C.", NOW - hours(1))
    found = packaging()._replace(settlement=decided, next_step="")
    stops = [replace(STOP, settlement=decided)]
    text = card_of(standing_at(FRESH, "outbound", READY, stops=stops, flags=(found,)), NOW, OSLO).troubles[0].text
    assert "Do not give a dose" not in text
    assert text.endswith("Quality assurance decided today 08:00 (Quynh): “The loggers show 4 °C.”")
