"""Readings for judging flags, a constant number of statements however many orders are judged; and their one order."""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

import structlog
from django.db.models import (  # fmt: skip
    Case,
    Count,
    ExpressionWrapper,
    F,
    FloatField,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Extract

from batches.flags.models import Flag
from batches.flags.queries.doubts import standing_doubts, with_decisions_of_partners
from batches.flags.queries.rare import (
    custody_gaps_of,
    doubtful_packagings_of,
    given_materials_of,
    lost_doses_of,
    open_records_of,
    rare_of,
)
from batches.flags.rules.causes import HANGING
from batches.flags.rules.changes import KnownFlag
from batches.flags.rules.harm import LAST
from batches.forecasts.queries.predictions import told_predictions
from batches.judgement.queries import (
    Readings,
    doubtful_donations_of,
    identifiers_shared_by,
    stage_runs_of,
    surroundings_of,
    unentitled_reports_of,
)
from batches.judgement.rules.facts import OrderRow
from batches.judgement.statuses import TO_STOP, FlagCode, Harm, Remedy, Severity
from supplychain.conditions.queries import excursions_of
from supplychain.flows.models import Stage
from supplychain.labels.queries import open_labels_of
from supplychain.orders.models import PatientOrder, PatientOrderQuerySet, StatusEvent
from supplychain.orders.queries import settlements
from supplychain.orders.queries.mismatches import mismatches_of
from supplychain.orders.rules.interlocks import Settlement
from supplychain.orders.rules.withdrawals import event_named
from supplychain.orders.statuses import ENDED_ORDER_STATUSES, OrderEventKind
from supplychain.pages.viewers import of_orders
from supplychain.people.models import Membership, User
from supplychain.people.statuses import Role
from supplychain.sql import read, texts

UNFLAGGED_SQL = """SELECT o.id FROM supplychain_patientorder o WHERE o.id = ANY(%(ids)s::uuid[])
    AND NOT o.status = ANY(%(ended)s) AND NOT EXISTS (
        SELECT 1 FROM batches_flag f WHERE f.order_id = o.id AND f.code = %(code)s AND f.cleared_at IS NULL)"""
log = structlog.get_logger(__name__)

# Who handles flags.
HANDLING_ROLES = (Role.OPERATIONS, Role.QA, Role.ADMINISTRATOR, Role.SITE_COORDINATOR)
MOST_CAUSES = 8
# What a person has acknowledged and cannot get worse has been acted on; a dose in doubt and an identity stay until they
# are settled, for seeing them stops nothing.
ACTED_ON = Q(due__isnull=True, acknowledged_at__isnull=False, harm__gt=Harm.IDENTITY)
# As rules.harm.urgency sorts them; “critical” stands behind “attention” in the alphabet.
URGENT_FIRST = ("harm", "-severity", "act_by", "id")
OF_HARM, OF_CALM, NEVER_SECONDS = 1e12, 5e11, 4e11
# A settled flag asks for nothing, and its severity is history. Flag.is_settled, Flag.is_critical are the same.
ASKS = ~Q(harm=Harm.SETTLED)
CRITICAL = Q(severity=Severity.CRITICAL) & ASKS
KNOWN_COLUMNS = ", ".join("evidence ->> 'gist'" if name == "gist" else name for name in KnownFlag._fields)
KNOWN_SQL = f"SELECT {KNOWN_COLUMNS} FROM batches_flag WHERE order_id = ANY(%(ids)s::uuid[])"


def readings_for(rows: Sequence[OrderRow]) -> Readings:
    """Everything that the rules need to know of these orders."""
    order_ids = texts(row.id for row in rows)
    rare = rare_of(order_ids)
    return Readings(
        stage_runs_of(order_ids),
        with_decisions_of_partners(identifiers_shared_by(order_ids)),
        surroundings_of(rows),
        told_predictions(order_ids),
        unentitled_reports_of(rare.unentitled),
        doubtful_donations_of(order_ids),
        standing_doubts(order_ids),
        custody_gaps_of(rare.gaps),
        excursions_of(rare.excursions) if rare.excursions else {},
        mismatches_of(list(map(UUID, rare.mismatches))) if rare.mismatches else {},
        open_labels_of(rare.labels) if rare.labels else {},
        lost_doses_of(rare.rejected, rare.destroyed),
        open_records_of(rare.collections),
        doubtful_packagings_of(rare.packagings),
        given_materials_of(rare.given),
    )


def known_flags(order_ids: Iterable[UUID]) -> dict[UUID, list[KnownFlag]]:
    """All flags of these orders, raised now or cleared before."""
    flags: dict[UUID, list[KnownFlag]] = {}
    for flag in map(KnownFlag._make, read(KNOWN_SQL, ids=texts(order_ids))):
        flags.setdefault(flag.order_id, []).append(flag)
    return flags


def unflagged_orders(order_ids: Collection[UUID], code: str) -> list[UUID]:
    """Which of these orders, if they have not ended, have no raised flag of this code."""
    rows = read(UNFLAGGED_SQL, ids=texts(order_ids), ended=list(ENDED_ORDER_STATUSES), code=code)
    return [order_id for (order_id,) in rows]


def head_flag(flags: Sequence[Flag]) -> Flag | None:
    """The flag of which an order's row tells, in every list and on its page: a critical one, the worst harm first.

    Name, severity, time and owner of a row are those of this one flag: a hold in front of a critical flag makes no
    order look calmer, nor does it lend it its time. Of one class of harm the one whose time runs out first, then one
    that nobody has or has acknowledged, then the oldest. None without a flag.
    """
    critical = [flag for flag in flags if flag.is_critical]
    return min(critical or flags, key=_lead, default=None)


def _lead(flag: Flag) -> tuple:
    is_seen = flag.owner_id is not None or flag.acknowledged_at is not None
    return (flag.harm, flag.due or LAST, is_seen, flag.since, flag.code, flag.stage, flag.subject)


def owners_of(flags: Iterable[Flag]) -> list[User]:
    """Who has taken on any of an order's flags, each once, in the flags' order."""
    return list(dict.fromkeys(flag.owner for flag in flags if flag.owner))


def urgency_in_sql(prefix: str = "") -> Combinable:
    """The same order as one number, for what is sorted by the worst of several flags (`Min` of it).

    `prefix`: how the query reaches the flag (`flag__`). Eleven digits of seconds stand behind the class
    of harm and whether it is critical.
    """
    calm = Case(When(**{f"{prefix}severity": Severity.CRITICAL}, then=Value(0.0)), default=Value(OF_CALM))
    seconds = Coalesce(Extract(f"{prefix}act_by", "epoch", tzinfo=UTC), Value(NEVER_SECONDS), output_field=FloatField())
    return ExpressionWrapper(F(f"{prefix}harm") * Value(OF_HARM) + calm + seconds, output_field=FloatField())


def acts_by(moment: datetime) -> Q:
    """Raised flags that harm a patient unless somebody acts before `moment`: a dose in doubt, an identity, cells.

    Not what has been acted on. A dose to be stopped presses however long it is still on its way.
    """
    presses = Q(harm__in=TO_STOP) | Q(harm__lte=Harm.CELLS, act_by__lt=moment)
    return presses & Q(cleared_at__isnull=True) & ~ACTED_ON


class Cause(NamedTuple):
    """Raised flags of one code at one stage (empty: of whole orders) that nobody has acknowledged."""

    code: FlagCode
    stage: str
    flags: int


def common_causes(orders: PatientOrderQuerySet) -> list[Cause]:
    """What several orders have in common that nobody has acknowledged, the most frequent first; one query.

    Not a dose in doubt or a swapped identity: each is read by itself. Nor promises, which nobody settles in bulk.
    """
    rows = waiting_flags(orders).order_by().values_list("code", "stage").annotate(flags=Count("pk"))
    found = rows.exclude(code=FlagCode.PROMISE_AT_RISK).filter(flags__gt=1).order_by("-flags", "code", "stage")
    return [Cause(FlagCode(code), stage, flags) for code, stage, flags in found[:MOST_CAUSES]]


def waiting_flags(orders: PatientOrderQuerySet) -> QuerySet[Flag]:
    """Raised flags of these orders that may be acknowledged together and that nobody has acknowledged."""
    raised = Flag.objects.filter(cleared_at__isnull=True, acknowledged_at__isnull=True, harm__gt=Harm.IDENTITY)
    return of_orders(raised, orders)


def of_cause(*, code: str, stage: str, plant: str = "", pool: str = "") -> Q:
    """Flags of one code and stage; with a plant and a pool (by code) those that hang on that pool."""
    hanging = Q(code__in=HANGING, stage=stage, remedy=Remedy.LINE, cause=pool, plant__code=plant)
    return hanging if pool else Q(code=code, stage=stage)


def assignees_of(flag: Flag) -> QuerySet[User]:
    """Who may be given this flag, by name; an administrator, who records nothing, only one of rules that failed."""
    if flag.code == FlagCode.EVALUATION_FAILED:
        return handlers_of(flag.order)
    return handlers_of(flag.order, [role for role in HANDLING_ROLES if role != Role.ADMINISTRATOR])


def handlers_of(order: PatientOrder, roles: Collection[Role] = HANDLING_ROLES) -> QuerySet[User]:
    """People who may handle flags of this order, by name."""
    sites = {order.ordering_site_id, order.collection_site_id, order.infusion_site_id, order.plant_id}
    members = Membership.objects.filter(site__in=sites, role__in=roles)
    people = User.objects.filter(is_active=True, pk__in=members.values("user"))
    return people.order_by("first_name", "last_name", "username")


def decisions_withdrawn(flag: Flag) -> int:
    """How many decisions of quality assurance about the flag somebody said to be wrong."""
    said = StatusEvent.objects.filter(order=flag.order_id, stage="")
    withdrawn = said.filter(kind=OrderEventKind.WITHDRAWN).values_list("payload", flat=True)
    named = {event_named(payload) for payload in withdrawn} - {None}
    return said.filter(kind=OrderEventKind.SETTLED, payload__flag=str(flag.pk), pk__in=named).count()


def stage_names(flags: Iterable[Flag]) -> dict[str, str]:
    """Names of the stages of the flags' orders, by code; one query."""
    flows = {flag.order.flow_id for flag in flags}
    return dict(Stage.objects.filter(flow__in=flows).values_list("code", "name")) if flows else {}


def settlements_of(flags: Iterable[Flag]) -> dict[UUID, Settlement]:
    """What quality assurance decided of these flags, by flag; one query where any may have been settled."""
    asked = [flag for flag in flags if flag.severity == Severity.CRITICAL and (flag.acknowledged_at or flag.is_settled)]
    decided = settlements({flag.order_id for flag in asked})
    said = {flag: decided.get(str(flag.pk)) for flag in asked}
    return {flag.pk: one for flag, one in said.items() if one and one.settled_at >= flag.raised_at}
