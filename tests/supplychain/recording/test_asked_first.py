"""Who reports what a flag asks to wait with is asked once whether the plant knows; nothing that happened is refused."""

from uuid import UUID

import pytest
from django.urls import reverse

from batches.flags.models import Flag
from batches.judgement.statuses import FlagCode
from supplychain.orders.models import StatusEvent
from supplychain.orders.rules.duties import roles_at
from supplychain.orders.rules.interlocks import AskFirst, Stop
from supplychain.people.statuses import Role
from supplychain.recording.rules.next_steps import next_steps
from supplychain.recording.rules.permitted import permitted_reports
from tests.dashboards.builders import TowerWorld, browser_of, raise_flag
from tests.supplychain.builders import at
from tests.supplychain.recording.journeys import ARRIVED, COLLECTED, PLAN, after

ASKS = AskFirst("collection", "no place for Selection is sure")
WAIT = Stop(UUID(int=1), UUID(int=2), "Dose at risk", "", "A wait runs out.", "Operations: do not begin Collection.",
            at(0), asks_first=ASKS, is_critical=False)  # fmt: skip
SITES = dict.fromkeys(("plant", "collection_site", "ordering_site", "infusion_site"), UUID(int=3))
ALL = roles_at(SITES, [(UUID(int=3), role.value) for role in Role])


def asked(*said) -> dict[tuple[str, str], str]:
    reports = permitted_reports(PLAN, after(*said), ALL, at(9), [WAIT]).permitted
    return {report.deed: report.asked_first for report in reports if report.asked_first}


def test_booking_beginning_and_confirming_are_asked_about():
    whole = "Dose at risk: A wait runs out. Operations: do not begin Collection."
    deeds = [("started", "collection"), ("scheduled", "collection"), ("confirmed", "")]
    assert asked(("confirmed", "", 0)) == dict.fromkeys(deeds[:2], whole)
    assert asked() == {
        deed: whole if deed[1] == "" else f"The plant has not confirmed the order. {whole}" for deed in deeds
    }
    assert ("started", "collection") not in asked(COLLECTED[0])
    assert ("scheduled", "collection") not in asked(COLLECTED[0])


def test_who_hands_cells_over_to_a_plant_that_has_not_confirmed_is_told_and_not_asked():
    def told(*said) -> dict[tuple[str, str], str]:
        reports = permitted_reports(PLAN, after(*said), ALL, at(9)).permitted
        return {report.deed: report.told for report in reports if report.told}

    words = "The plant has not confirmed the order. Tell it that the cells come; hand them over all the same, for"
    assert told(*COLLECTED) == {("started", "inbound"): f"{words} their time runs."}
    assert told(("confirmed", "", 0), *COLLECTED) == {}
    (confirm, _hand_over) = next_steps(PLAN, after(*COLLECTED), at(9))
    why = "The cells are collected, and nobody has said that a plant awaits them."
    assert (confirm.words, confirm.why) == ("The plant has to confirm the order", why)
    at_work = after(*ARRIVED, ("started", "selection"))
    assert "confirm" not in " ".join(one.words for one in next_steps(PLAN, at_work, at(9)))


@pytest.mark.django_db
def test_the_form_shows_the_flag_and_takes_the_report_once_it_was_asked():
    world = TowerWorld()
    order = world.order()
    flag = raise_flag(order, code=FlagCode.DOSE_AT_RISK, severity="attention")
    Flag.objects.filter(pk=flag.pk).update(
        why="A wait runs out.",
        next_step="Operations: do not begin Collection.",
        evidence={"asks_first": ASKS._asdict()},
    )
    client, url = browser_of(world.coordinator), reverse("report_event", args=[order.pk])
    form = client.get(url, {"kind": "started", "stage": "collection"})
    text = form.text
    assert "Dose at risk: A wait runs out. Operations: do not begin Collection." in text
    assert "Critical flags" not in text
    fields = form.context["form"]
    given = {name: fields[name].value() for name in fields.fields if fields[name].value() not in (None, False)}
    given |= {"kind": "started", "stage": "collection", "attempt": "1"}
    given["occurred_at"] = f"{given['occurred_at']:%Y-%m-%dT%H:%M}"
    started = StatusEvent.objects.filter(order=order, kind="started")
    refused = client.post(url, given)
    assert (refused.status_code, started.exists()) == (422, False)
    assert client.post(url, given | {"is_first_asked": "on"}).status_code in (200, 302)
    assert started.exists()
