"""What the tests beside share: an order in trouble, and how it is told."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.urls import reverse

from batches.flags.models import Flag
from batches.flags.queries.flags import head_flag
from batches.judgement.statuses import FlagCode, Harm, Severity
from batches.notifications.actions.notifications import tell_due_flips
from batches.orders.api.reads import order_detail
from dashboards.centre.queries.cards import site_page
from dashboards.centre.queries.filters import Centres, SiteFilter
from supplychain.orders.models import PatientOrder
from supplychain.orders.statuses import OrderStatus
from supplychain.people.models import Membership
from supplychain.people.statuses import Role
from supplychain.sentences import said_in
from tests.batches.judging import evaluate, make_due
from tests.dashboards.builders import TowerWorld, browser_of
from tests.dashboards.tower.readings import words_of
from tests.supplychain.builders import at, make_user

NOW = 100
UTC = ZoneInfo("UTC")


COLLECTED = (("started", "collection", 60), ("completed", "collection", 80))


ARRIVED = (*COLLECTED, ("started", "inbound", 81), ("completed", "inbound", 90))


MADE = (("started", "collection", 1), ("completed", "collection", 5), ("started", "inbound", 6),
        ("completed", "inbound", 20), ("started", "selection", 21), ("completed", "selection", 33),
        ("started", "harvest", 33), ("completed", "harvest", 45), ("started", "sterility", 46))  # fmt: skip


GIVEN = (*MADE, ("started", "release", 46), ("completed", "release", 70), ("started", "infusion", 80),
         ("completed", "infusion", 82))  # fmt: skip


class Trouble(NamedTuple):
    """What was said of an order (kind, stage, hour, payload), and the flag and harm that must come first."""

    said: tuple[tuple, ...]
    first: FlagCode
    harm: Harm
    severity: Severity = Severity.CRITICAL


TROUBLES = {
    "given, then failed": Trouble((*GIVEN, ("failed", "sterility", 95)), FlagCode.STAGE_FAILED, Harm.DOSE_IN_DOUBT),
    "given without a release": Trouble(
        (*MADE, ("started", "infusion", 90)), FlagCode.OUT_OF_SEQUENCE, Harm.DOSE_IN_DOUBT
    ),
    "released, then failed": Trouble(
        (*MADE, ("started", "release", 46), ("completed", "release", 70), ("failed", "sterility", 95)),
        FlagCode.STAGE_FAILED, Harm.DOSE_TO_STOP,
    ),
    "silent courier": Trouble(
        (*COLLECTED, ("scheduled", "inbound", 81, {"planned_pickup_at": at(96).isoformat()})),
        FlagCode.HOLD_EXPIRING, Harm.CELLS,
    ),
    "cells on hold": Trouble((*ARRIVED, ("held", "selection", 95)), FlagCode.ON_HOLD, Harm.CELLS),
    "order on hold": Trouble((("held", "", 90),), FlagCode.ON_HOLD, Harm.ON_HOLD, Severity.ATTENTION),
    "booked and on hold": Trouble(
        (("scheduled", "collection", 2, {"planned_start_at": at(120).isoformat()}), ("held", "collection", 90)),
        FlagCode.ON_HOLD, Harm.ON_HOLD, Severity.ATTENTION,
    ),
    "work failed": Trouble((*ARRIVED, ("started", "selection", 91), ("failed", "selection", 97)),
                           FlagCode.STAGE_FAILED, Harm.FAILED),
    "too long": Trouble((*ARRIVED[:3], ("completed", "inbound", 62), ("started", "selection", 63)),
                        FlagCode.STAGE_LATE, Harm.UNCLEAR),
    "begun early": Trouble((*COLLECTED, ("started", "inbound", 81), ("started", "selection", 99)),
                           FlagCode.OUT_OF_SEQUENCE, Harm.UNCLEAR, Severity.ATTENTION),
    "silent ward": Trouble((("scheduled", "collection", 2, {"planned_start_at": at(90).isoformat()}),),
                           FlagCode.SILENT, Harm.UNCLEAR, Severity.ATTENTION),
    "queues": Trouble((), FlagCode.PROMISE_AT_RISK, Harm.PROMISE),
}  # fmt: skip


class Told(NamedTuple):
    """What one place says of an order: how bad, the flag that comes first, what to do about it, since when, by when."""

    severity: str
    code: str
    next_step: str
    since: datetime
    due: datetime | None


class OneVoice(TowerWorld):
    """A world in trouble, seen by one person who is of the plant and of the centre."""

    def __init__(self) -> None:
        super().__init__()
        self.person = make_user("eve", self.oslo, role=Role.SITE_COORDINATOR)
        for role in (Role.OPERATIONS, Role.QA):
            Membership.objects.create(user=self.person, site=self.plant, role=role)
        self.browser = browser_of(self.person)

    def trouble(self, said: Iterable[tuple], **given: Any) -> PatientOrder:
        """An order of which this was said, judged now."""
        order = self.order(promised_at=at(150), **given)
        for kind, stage, hours, *payload in said:
            self.say(order, kind, stage, hours, payload=payload[0] if payload else {})
        return order

    def judge(self, *orders: PatientOrder) -> None:
        """Judges the orders and tells people what flipped."""
        make_due(orders, NOW)
        evaluate(NOW)
        tell_due_flips(now=at(NOW))
        for order in orders:
            order.refresh_from_db()

    def context(self, name: str, *args: Any, **query: Any) -> tuple[Any, str]:
        """The context and the words of a page."""
        response = self.browser.get(reverse(name, args=args), query)
        return response.context, response.text


def told(flags: list[Flag], severity: Any = None) -> Told:
    """What is told by flags in the order in which they stand."""
    first, head = flags[0], head_flag(flags)
    return Told(severity or (head and head.severity), first.code, first.next_step, first.since, first.due)


def by_tower(world: OneVoice, order: PatientOrder, **query: Any) -> tuple[Told, str]:
    context, text = world.context("control_tower", **query)
    risks = context["risks"]
    rows = [one for row in (*risks.pinned, *risks.rows) for one in (row, *row.partners)]
    (row,) = [one for one in rows if one.order == order]
    assert row.head == head_flag(row.flags)
    return told(row.flags, row.head.severity), text


def by_list(world: OneVoice, order: PatientOrder) -> tuple[Told, str]:
    context, text = world.context("orders", status="any")
    (line,) = [one for one in context["lines"] if one.order == order]
    return told(line.flags, line.severity), text


def by_page(world: OneVoice, order: PatientOrder) -> tuple[Told, str]:
    context, text = world.context("order", order.pk)
    view = context["view"]
    if view.flags[0].severity == Severity.CRITICAL and view.flags[0].harm != Harm.PROMISE:
        assert view.alarm == view.flags[0]
    return told(view.flags), text


def by_inbox(world: OneVoice, order: PatientOrder) -> tuple[Told, str]:
    context, text = world.context("inbox", view="all")
    (group,) = [one for one in context["inbox"].groups if one.order == order]
    flags = [one.flag for one in group.flags if one.flag.cleared_at is None]
    assert group.is_critical == (told(flags).severity == Severity.CRITICAL)
    return told(flags), text


def by_rest(world: OneVoice, order: PatientOrder) -> tuple[Told, str]:
    body = order_detail([world.oslo.pk], order.pk, now=at(NOW))
    worst = Severity.CRITICAL if any(one.severity == Severity.CRITICAL for one in body.flags) else Severity.ATTENTION
    first = body.flags[0]
    return Told(worst, first.code, first.next_step, first.since, first.due), ""


WITH_WORDS: tuple[Callable, ...] = (by_tower, by_page, by_inbox)


def part(text: str, order: PatientOrder) -> str:
    """The words of a page from where it names the order on."""
    return words_of(text[text.index(str(order.pk)) :])


def everybody(world: OneVoice, order: PatientOrder) -> Told:
    """What every place says of the order, which is one thing."""
    page, _ = by_page(world, order)
    for place in (by_tower, by_list, by_inbox, by_rest):
        said, text = place(world, order)
        if place == by_rest:
            said = said._replace(next_step=page.next_step) if said.next_step == said_in(page.next_step, UTC) else said
        assert said == page, place.__name__
        if place in WITH_WORDS:
            assert said_in(page.next_step, UTC, at(NOW)) in part(text, order), place.__name__
    wall, _ = by_tower(world, order, wall="1")
    assert wall == page
    return page


def centre_agrees(world: OneVoice, order: PatientOrder, said: Told) -> None:
    """My centre is as alarmed as the plant, and tells the same dates as page, list and interface."""
    page = site_page(Centres.of(world.person), SiteFilter.read(QueryDict()), at(NOW))
    (card,) = [line.card for line in page.lines if line.order.pk == order.pk]
    assert card.is_critical == (said.severity == Severity.CRITICAL)
    assert card.troubles
    context, text = world.context("order", order.pk)
    lines, listed = world.context("orders", status="any")
    (line,) = [one for one in lines["lines"] if one.order == order]
    ready = context["view"].ready
    assert line.ready == ready
    body = order_detail([world.oslo.pk], order.pk, now=at(NOW))
    assert body.forecast_ready_at == (ready.ready_at if ready else None)
    if ready and not ready.is_fact and order.status != OrderStatus.INFUSED:
        assert (card.forecast, card.lateness) == (ready.when(at(NOW)), ready.stands(at(NOW)))
        for words in (ready.when(at(NOW)), ready.stands(at(NOW))):
            assert words in words_of(text)
            assert words in part(listed, order)
