"""Readings for e-mails: who has one coming, and what stands in it. Three queries a mail, however long it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import BooleanField, Case, Exists, IntegerField, Max, OuterRef, Q, Value, When
from django.urls import reverse

from batches.judgement.statuses import Severity
from batches.notifications.models import Mail, Notification
from batches.notifications.rules.mails import MOST_LINES, MailLine, urgency
from batches.notifications.statuses import NotificationKind
from supplychain.flows.models import Stage
from supplychain.pages.time_zones import time_zone_of

OVER = (NotificationKind.CLEARED, NotificationKind.EASED)
ORDER_PARTS = ("order__product", "order__plant", "order__ordering_site", "flag", "change")


@dataclass(frozen=True, slots=True)
class MailToSend:
    """An e-mail with its words. `lines`: the most urgent of `total` messages that still stand."""

    id: UUID
    address: str
    zone: str
    now: datetime
    is_critical: bool
    lines: Sequence[MailLine]
    total: int


def people_to_mail(*, now: datetime, since: datetime, limit: int) -> list[tuple[UUID, bool]]:
    """(person, whether anything critical is among it) of those with messages due by e-mail.

    Not those with an open e-mail or one sent after `since`; one query.
    """
    open_or_fresh = Mail.objects.filter(person=OuterRef("person")).filter(
        Q(sent_at=None, given_up_at=None) | Q(sent_at__gt=since)
    )
    alarming = Case(When(severity=Severity.CRITICAL, then=1), default=0, output_field=IntegerField())
    rows = Notification.objects.filter(email_due_at__lte=now, mail=None).exclude(Exists(open_or_fresh)).order_by()
    found = rows.values("person").annotate(alarming=Max(alarming)).values_list("person", "alarming")
    return [(person, bool(worst)) for person, worst in found[:limit]]


def mail_to_send(mail_id: UUID, now: datetime) -> MailToSend:
    """The e-mail without what was overtaken since it was decided on."""
    mail = Mail.objects.select_related("person").get(pk=mail_id)
    person = mail.person
    standing = Notification.objects.filter(Q(closed_at=None) | Q(kind__in=OVER), mail=mail)
    ranked = standing.annotate(over=_is_over()).order_by("over", "flag__harm", "flag__act_by", "created_at")
    shown = list(ranked.select_related(*ORDER_PARTS)[: MOST_LINES + 1])
    total = standing.count() if len(shown) > MOST_LINES else len(shown)
    names = _stage_names(shown)
    return MailToSend(
        id=mail.pk,
        address=person.email if person.is_active else "",
        zone=time_zone_of(person),
        now=now,
        is_critical=mail.is_critical,
        lines=sorted((_line(one, names) for one in shown[:MOST_LINES]), key=urgency),
        total=total,
    )


def address_of(path: str) -> str:
    """A whole address for outside the browser."""
    return f"{settings.CELLOPS_PUBLIC_URL.rstrip('/')}{path}"


def _is_over() -> Case:
    return Case(When(kind__in=OVER, then=Value(True)), default=Value(False), output_field=BooleanField())


def _stage_names(shown: Sequence[Notification]) -> dict[tuple[Any, str], str]:
    flows = {one.order.flow_id for one in shown if one.flag.stage}
    rows = Stage.objects.filter(flow__in=flows).values_list("flow_id", "code", "name") if flows else ()
    return {(flow, code): name for flow, code, name in rows}


def _line(one: Notification, names: dict[tuple[Any, str], str]) -> MailLine:
    order, flag = one.order, one.flag
    return MailLine(
        kind=one.kind,
        kind_label=one.get_kind_display(),
        severity=one.severity,
        severity_label=one.get_severity_display(),
        flag=flag.get_code_display(),
        stage=names.get((order.flow_id, flag.stage), flag.stage.replace("_", " ").capitalize()),
        product=order.product.name,
        plant=order.plant.name,
        centre=order.ordering_site.name,
        role=one.get_role_display(),
        happened_at=one.change.changed_at,
        due=flag.due if one.kind not in OVER else None,
        harm=flag.harm,
        act_by=flag.act_by,
        address=address_of(reverse("order", args=[order.pk])),
    )
