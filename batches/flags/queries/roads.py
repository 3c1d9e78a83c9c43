"""Where a person records the opposite of a settlement, with what is permitted to them now."""

from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlencode

from django.urls import reverse

from batches.flags.models import Flag
from batches.flags.rules.choices import Road
from supplychain.flows.queries import flow_plan
from supplychain.orders.models import StatusEvent
from supplychain.orders.queries import open_stops
from supplychain.orders.rules.withdrawals import asked_of_second, event_named
from supplychain.orders.statuses import StageEventKind
from supplychain.people.models import User
from supplychain.recording.queries import permitted_reports

HELD, FAILED = StageEventKind.HELD.value, StageEventKind.FAILED.value


class RoadSign(NamedTuple):
    """A button that leads there; `is_dialog`: what it opens stands in a dialog, too."""

    words: str
    url: str
    is_dialog: bool = True


def road_sign(road: Road, flag: Flag, user: User, now: datetime) -> RoadSign | None:
    """Where it goes on; None: nothing of it is this person's to record now, and the words alone say what is to do."""
    match road:
        case Road.ACKNOWLEDGE:
            return RoadSign("Acknowledge, and leave the flag standing", reverse("acknowledge_flag", args=[flag.pk]))
        case Road.WITHDRAW:
            return RoadSign("Show the order’s events", _order_events(flag), is_dialog=False)
        case Road.CONFIRM:
            return _confirming(flag)
        case Road.HOLD:
            return _reporting(flag, user, now, [(HELD, "")])
        case Road.HOLD_STAGE:
            return _reporting(flag, user, now, [(FAILED, flag.stage), (HELD, flag.stage)])
    behind = flow_plan(flag.order.flow_id).followers.get(flag.stage, frozenset())
    return _reporting(flag, user, now, [(FAILED, flag.stage), *((FAILED, code) for code in sorted(behind))])


def _order_events(flag: Flag) -> str:
    return f"{reverse('order', args=[flag.order_id])}#events-title"


def _confirming(flag: Flag) -> RoadSign:
    """The dialog of the report that somebody says is wrong: the newest withdrawal of which a second person is asked."""
    asked = asked_of_second(flag.order.surprises, flag.stage)
    said = StatusEvent.objects.filter(order=flag.order_id, pk__in=asked).order_by("-position").first()
    named = event_named(said.payload) if said else None
    if named is None:
        return RoadSign("Show the order’s events", _order_events(flag), is_dialog=False)
    return RoadSign("It is wrong: confirm that …", reverse("withdraw_event", args=[flag.order_id, named]))


def _reporting(flag: Flag, user: User, now: datetime, deeds: list[tuple[str, str]]) -> RoadSign | None:
    stops = open_stops([flag.order_id], now=now).get(flag.order_id, ())
    reports = permitted_reports(flag.order, user, now, stops=stops)
    found = next((one for kind, stage in deeds if (one := reports.find(kind, stage))), None)
    if found is None:
        return None
    asked = {"kind": found.kind, "stage": found.stage} | ({"attempt": found.attempt} if found.attempt else {})
    return RoadSign(f"Record: {found.words} …", f"{reverse('report_event', args=[flag.order_id])}?{urlencode(asked)}")
