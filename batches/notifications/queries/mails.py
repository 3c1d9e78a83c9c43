"""Readings for e-mails: who has one coming, and what stands in it; thirteen queries a mail at most, however long."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.db.models import BooleanField, Case, Exists, IntegerField, Max, OuterRef, Prefetch, Q, Value, When
from django.urls import reverse

from batches.flags.models import Flag, FlagChange
from batches.flags.queries.causes import as_they_stand, causes_behind, hang_under, line_alarms
from batches.flags.queries.flags import settlements_of
from batches.flags.rules.causes import LineAlarm
from batches.flags.statuses import FlagChangeKind
from batches.judgement.statuses import FlagCode, Harm, Severity
from batches.notifications.models import Mail, Notification, ReviewNotice, SigningNotice
from batches.notifications.queries.flips import FLIPS
from batches.notifications.queries.notices import notices_of, signing_notices_of
from batches.notifications.rules.mails import MOST_LINES, OVER, WORST_ALONE, MailLine, Telephone, one_an_order, urgency
from batches.notifications.statuses import NotificationKind
from supplychain.flows.models import Stage
from supplychain.orders.models import StageRun
from supplychain.orders.queries import order_state
from supplychain.orders.rules.cells_clock import cells_clocks
from supplychain.orders.rules.states import ChangeRequest
from supplychain.orders.statuses import OPEN_ORDER_STATUSES
from supplychain.pages.time_zones import time_zone_of
from supplychain.pages.viewers import Viewer

ORDER_PARTS = ("order__product", "order__plant", "order__ordering_site", "order__infusion_site", "flag", "change")
RUNS = Prefetch("order__stage_runs", StageRun.objects.select_related("stage"))
IS_ALARM = Q(severity=Severity.CRITICAL, flag__harm__lte=WORST_ALONE) & ~Q(kind__in=OVER)


@dataclass(frozen=True, slots=True)
class MailToSend:
    """An e-mail with its words. `lines`: the most urgent of `total` messages that still stand, those about orders that
    wait for one pool told as one; `notices`: of reviews that fail; `signings`: of attempts to
    sign."""

    id: UUID
    address: str
    zone: str
    now: datetime
    is_critical: bool
    lines: Sequence[MailLine]
    total: int
    notices: Sequence[ReviewNotice]
    signings: Sequence[SigningNotice]


def people_to_mail(*, now: datetime, since: datetime, limit: int) -> list[tuple[UUID, bool, bool]]:
    """(person, whether of alarms, whether anything critical is among it) of those with messages due by e-mail.

    Not those with such an e-mail open, nor, but for alarms, one sent after `since`; one query.
    """
    fresh = Q(sent_at__gt=since, is_alarm=False)
    open_or_fresh = Mail.objects.filter(person=OuterRef("person"), is_alarm=OuterRef("is_alarm")).filter(
        Q(sent_at=None, given_up_at=None) | fresh
    )
    is_alarm = Case(When(IS_ALARM, then=Value(True)), default=Value(False), output_field=BooleanField())
    alarming = Case(When(severity=Severity.CRITICAL, then=1), default=0, output_field=IntegerField())
    due = Notification.objects.filter(email_due_at__lte=now, mail=None).annotate(is_alarm=is_alarm)
    rows = due.exclude(Exists(open_or_fresh)).order_by().values("person", "is_alarm")
    found = rows.annotate(alarming=Max(alarming)).values_list("person", "is_alarm", "alarming")
    return [(person, is_alarm, bool(worst)) for person, is_alarm, worst in found.order_by("-is_alarm")[:limit]]


def mail_to_send(mail_id: UUID, now: datetime) -> MailToSend:
    """The e-mail without what was overtaken since it was decided on."""
    mail = Mail.objects.select_related("person").get(pk=mail_id)
    person = mail.person
    standing = Notification.objects.filter(Q(kind__in=OVER) | Q(closed_at=None) & ~_is_overtaken(), mail=mail)
    calm = standing.filter(severity=Severity.ATTENTION).exclude(kind__in=OVER)
    behind = Flag.objects.filter(pk__in=calm.values("flag"))
    causes = causes_behind(behind)
    causes = as_they_stand(causes, Viewer.of(person).orders()) if causes else []
    hanging = Flag.objects.filter(hang_under(causes), cleared_at__isnull=True)
    alone = standing.exclude(pk__in=calm.filter(flag__in=hanging)) if causes else standing
    ranked = alone.annotate(over=_is_over()).order_by(
        "over", "flag__harm", "-flag__severity", "flag__act_by", "created_at"
    )
    read = ranked.select_related(*ORDER_PARTS).prefetch_related(RUNS)
    shown = list(read[: MOST_LINES + 1])
    total = alone.count() if len(shown) > MOST_LINES else len(shown)
    answered = _answered(shown)
    total -= len(answered)
    names = _stage_names(shown)
    lines = [_line(one, names, now) for one in shown[:MOST_LINES] if one.pk not in answered]
    lines += [_line_of_cause(alarm, now) for alarm in line_alarms(causes, behind, (), 0)]
    told = one_an_order(sorted(lines, key=urgency))
    return MailToSend(
        id=mail.pk,
        address=person.email if person.is_active else "",
        zone=time_zone_of(person),
        now=now,
        is_critical=mail.is_critical,
        lines=told,
        total=total + len(causes) - (len(lines) - len(told)),
        notices=notices_of(mail_id),
        signings=signing_notices_of(mail_id),
    )


def address_of(path: str) -> str:
    """A whole address for outside the browser."""
    return f"{settings.CELLOPS_PUBLIC_URL.rstrip('/')}{path}"


def _is_overtaken() -> Exists:
    """Whether its flag says something else by now: then the message of that flip is to be told, not this one."""
    newer = FlagChange.objects.filter(flag=OuterRef("flag"), kind__in=FLIPS)
    return Exists(newer.filter(changed_at__gt=OuterRef("change__changed_at")))


def _answered(shown: Sequence[Notification]) -> set[UUID]:
    """Which of these ask for what was done meanwhile: a request was answered (whether or not its flag was judged
    since), a doubt settled by quality assurance; one query or none."""
    asking = [one for one in shown if one.kind not in OVER and one.severity == Severity.CRITICAL]
    settled = settlements_of({one.flag_id: one.flag for one in asking}.values())
    return {one.pk for one in asking if one.flag_id in settled or _has_answer(one)}


def _has_answer(one: Notification) -> bool:
    change = ChangeRequest.from_row(one.order.change_request)
    return one.flag.code == FlagCode.CHANGE_ASKED and change is not None and not change.is_open


def _is_over() -> Case:
    return Case(When(kind__in=OVER, then=Value(True)), default=Value(False), output_field=BooleanField())


def _stage_names(shown: Sequence[Notification]) -> dict[tuple[Any, str], str]:
    flows = {one.order.flow_id for one in shown if one.flag.stage}
    rows = Stage.objects.filter(flow__in=flows).values_list("flow_id", "code", "name") if flows else ()
    return {(flow, code): name for flow, code, name in rows}


def _clock(one: Notification, now: datetime) -> str:
    """Until when the cells of the order may wait, by the limit that ends first; empty: nothing limits them, it is over,
    or the flag is about that limit."""
    order = one.order
    if one.kind in OVER or one.flag.code == FlagCode.HOLD_EXPIRING or order.status not in OPEN_ORDER_STATUSES:
        return ""
    state = order_state(order, order.stage_runs.all())
    return next(iter(cells_clocks(state.flow, {code: state.run_of(code) for code in state.flow.stages}, now)), "")


def _line(one: Notification, names: dict[tuple[Any, str], str], now: datetime) -> MailLine:
    order, flag = one.order, one.flag
    return MailLine(
        kind=one.kind,
        kind_label=one.get_kind_display(),
        severity=one.severity,
        severity_label=one.get_severity_display(),
        code=flag.code,
        flag=flag.title,
        stage=names.get((order.flow_id, flag.stage), flag.stage.replace("_", " ").capitalize()),
        product=order.product.name,
        plant=order.plant.name,
        centre=order.ordering_site.name,
        role=one.role,
        happened_at=one.change.changed_at,
        due=flag.due if one.kind not in OVER else None,
        probability=flag.probability,
        harm=flag.harm,
        is_rejected=flag.is_rejected,
        act_by=flag.act_by,
        telephones=[Telephone(site.name, site.telephone) for site in order.sites_to_call],
        since=flag.since if one.kind not in OVER else None,
        address=address_of(reverse("order", args=[order.pk])),
        coi=order.coi,
        rose=one.change.kind == FlagChangeKind.SEVERITY_CHANGED,
        clock=_clock(one, now),
    )


def _line_of_cause(alarm: LineAlarm, now: datetime) -> MailLine:
    """What is said once of all orders that wait for one pool."""
    raised = NotificationKind.RAISED
    return MailLine(
        kind=raised, kind_label=raised.label, severity=Severity.ATTENTION, severity_label=Severity.ATTENTION.label,
        code=FlagCode.PROMISE_AT_RISK, flag=FlagCode.PROMISE_AT_RISK.label, stage="", product="",
        plant=alarm.cause.plant_name, centre="", role="", happened_at=now, due=None, harm=Harm.PROMISE,
        pool=alarm.pool, orders=alarm.cause.orders,
        address=address_of(f"{reverse('control_tower')}?{urlencode({'plant': alarm.cause.plant_code})}#risks-title"),
    )  # fmt: skip
