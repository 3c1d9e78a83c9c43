"""Readings for learned durations: the runs of the newest past, the plans, and what was learned for the forecast."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Q

from batches.durations.models import LearnedDuration
from batches.durations.rules.competing import Ends
from batches.durations.rules.curves import Curve
from batches.durations.rules.runs import End, PastRun
from batches.durations.rules.shrinkage import learned_of_plan
from batches.durations.rules.slowness import OrderRun
from batches.durations.rules.subjects import PlannedStage, Subject, learn_all
from supplychain.flows.models import Stage
from supplychain.orders.statuses import AT_WORK_STAGE_STATUSES, OrderStatus, StageStatus
from supplychain.sql import read

# An order of which nothing was recorded since then has no run that ended since: an index finds the others, and their
# runs are read order by order (LATERAL), however many years of orders there are. A run still at work ends here as
# follows: with the order if that was cancelled (withdrawn) or closed, with its attempt if another one followed, at its
# hold if it is held (nobody works), else now. One that began before the window is taken for a record that fell silent.
RUNS_SQL = """
    SELECT product, site, stage, resource, EXTRACT(EPOCH FROM until - started_at)::float8 / 3600, how,
        EXTRACT(EPOCH FROM until)::float8 / 3600, is_repeat
    FROM (SELECT o.product_id::text AS product, r.site_id::text AS site, s.code AS stage, r.resource, r.started_at,
            r.attempt > 1 AS is_repeat,
            r.status = ANY(%(ended)s) AS has_ended,
            CASE WHEN r.status = %(completed)s THEN 'completed' WHEN r.status = %(failed)s THEN 'failed'
                WHEN o.status = %(cancelled)s THEN 'withdrawn' ELSE 'censored' END AS how,
            CASE WHEN r.status = %(completed)s THEN r.completed_at WHEN r.status = %(failed)s THEN r.failed_at
                ELSE LEAST(r.held_at, o.cancelled_at, o.closed_at, %(now)s, CASE WHEN r.attempt < o.attempt THEN (
                    SELECT max(f.failed_at) FROM supplychain_stagerun f
                    WHERE f.order_id = r.order_id AND f.attempt = r.attempt AND f.withdrawn_at IS NULL)
                END) END AS until
        FROM supplychain_patientorder o CROSS JOIN LATERAL (
                SELECT * FROM supplychain_stagerun r WHERE r.order_id = o.id AND r.withdrawn_at IS NULL
                    AND r.started_at <= %(now)s AND r.status = ANY(%(worked)s) OFFSET 0) r
            JOIN supplychain_stage s ON s.id = r.stage_id
        WHERE o.last_recorded_at >= %(since)s) known
    WHERE until BETWEEN %(since)s AND %(now)s AND started_at <= until AND (has_ended OR started_at >= %(since)s)"""
# Of an order only its newest attempt counts: one number for each stage.
ORDER_RUNS_SQL = """SELECT DISTINCT ON (r.order_id, s.code) r.order_id::text, o.product_id::text, r.site_id::text,
        s.code, EXTRACT(EPOCH FROM r.completed_at - r.started_at)::float8 / 3600, r.resource
    FROM supplychain_patientorder o CROSS JOIN LATERAL (
            SELECT * FROM supplychain_stagerun r WHERE r.order_id = o.id AND r.withdrawn_at IS NULL
                AND r.status = %(completed)s AND r.completed_at BETWEEN %(since)s AND %(now)s
                AND r.started_at < r.completed_at OFFSET 0) r
        JOIN supplychain_stage s ON s.id = r.stage_id
    WHERE o.plant_id = %(line)s AND o.last_recorded_at >= %(since)s
    ORDER BY r.order_id, s.code, r.attempt DESC"""
ENDED = (StageStatus.COMPLETED, StageStatus.FAILED)
OF_PLAN = "planned"
# What is learned of a stage comes from the runs of so long.
LOOK_BACK = timedelta(days=400)


class LearnedCurve(NamedTuple):
    """Work hours of a stage if it is completed, the shares (0–1) of runs that end otherwise, and whence that is;
    `ends`: the same by attempt and time, where a failure was seen."""

    curve: Curve
    failed_share: float
    withdrawn_share: float
    basis: str
    ends: Ends | None = None


def past_runs(*, since: datetime, now: datetime) -> dict[Subject, list[PastRun]]:
    """The runs that ended between the two or are still at work, by where and on what they were done; one query."""
    parameters = {
        "now": now,
        "since": since,
        "ended": [status.value for status in ENDED],
        "worked": [status.value for status in (*ENDED, *AT_WORK_STAGE_STATUSES)],
        "completed": StageStatus.COMPLETED.value,
        "failed": StageStatus.FAILED.value,
        "cancelled": OrderStatus.CANCELLED.value,
    }
    runs: dict[Subject, list[PastRun]] = {}
    with connection.cursor() as cursor:
        cursor.execute(RUNS_SQL, parameters)
        for *subject, hours, how, ended_at, is_repeat in cursor.fetchall():
            runs.setdefault(Subject._make(subject), []).append(PastRun(hours, End(how), ended_at, is_repeat))
    return runs


def order_runs(line_id: UUID, *, now: datetime) -> list[OrderRun]:
    """The completed stages of the orders of a plant, as far as they had ended by a moment; one query."""
    since, completed = now - LOOK_BACK, StageStatus.COMPLETED.value
    return [OrderRun(*row) for row in read(ORDER_RUNS_SQL, line=line_id, since=since, now=now, completed=completed)]


def planned_stages(product_ids: Collection[str] | None = None) -> list[PlannedStage]:
    """Every stage that a product has or once had, as its current (default first), else newest flow plans it."""
    stages = Stage.objects.all()
    if product_ids is not None:
        stages = stages.filter(flow__product__in=product_ids)
    order = ("flow__product", "code", "-flow__is_current", "-flow__is_default", "-flow__version", "flow")
    columns = ("flow__product", "code", "planned_hours", "worst_hours", "flow__is_current")
    rows = stages.order_by(*order).distinct("flow__product", "code").values_list(*columns)
    return [PlannedStage(str(product), *rest) for product, *rest in rows]


def learned_curves(product_ids: Collection[str], site_ids: Collection[str]) -> dict[tuple[str, str, str], LearnedCurve]:
    """What to expect of every stage of these products at these sites, by (product, site, stage); two queries.

    A site without runs of its own takes the product's curve, a product without any the plan's. Ids are text.
    """
    rows = LearnedDuration.objects.filter(Q(site=None) | Q(site__in=site_ids), product__in=product_ids, resource="")
    columns = ("product", "site", "stage", "quantiles", "failed_share", "withdrawn_share", "completed", "ends")
    known = {
        (str(product), str(site or ""), stage): LearnedCurve(
            tuple(curve), *shares, _basis(bool(site), completed), ends_from(ends)
        )
        for product, site, stage, curve, *shares, completed, ends in rows.values_list(*columns)
    }
    return _at_sites(planned_stages(product_ids), known, site_ids)


def curves_learned_by(
    moment: datetime, product_ids: Collection[str], site_ids: Collection[str]
) -> dict[tuple[str, str, str], LearnedCurve]:
    """The same as it was to be learned at a past moment, from the runs that had ended by then. Takes seconds: not for
    a request. Runs that were still at work then and have ended since are left out."""
    plans = planned_stages(product_ids)
    runs = past_runs(since=moment - LOOK_BACK, now=moment)
    wanted = {subject: some for subject, some in runs.items() if subject.product in product_ids}
    known = {
        (one.product, one.site, one.stage): LearnedCurve(
            learned.curve,
            learned.failed_share,
            learned.withdrawn_share,
            _basis(bool(one.site), learned.completed),
            learned.ends,
        )
        for one, learned in learn_all(plans, wanted).items()
        if not one.resource
    }
    return _at_sites(plans, known, site_ids)


def ends_row(ends: Ends | None) -> dict[str, Any]:
    """Ends by attempt and time as they are stored; empty where there are none."""
    return ends._asdict() if ends else {}


def ends_from(row: Mapping[str, Any]) -> Ends | None:
    """The same as they are read."""
    return Ends(row["first"], row["again"], tuple(row["completing"]), tuple(row["failing"])) if row else None


def _at_sites(
    plans: Collection[PlannedStage], known: Mapping[tuple[str, str, str], LearnedCurve], site_ids: Collection[str]
) -> dict[tuple[str, str, str], LearnedCurve]:
    found: dict[tuple[str, str, str], LearnedCurve] = {}
    for plan in plans:
        base = known.get((plan.product, "", plan.stage)) or _of_plan(plan)
        for site in map(str, site_ids):
            found[plan.product, site, plan.stage] = known.get((plan.product, site, plan.stage), base)
    return found


def _of_plan(plan: PlannedStage) -> LearnedCurve:
    learned = learned_of_plan(plan.planned_hours, plan.worst_hours)
    return LearnedCurve(learned.curve, learned.failed_share, learned.withdrawn_share, OF_PLAN)


def _basis(is_of_site: bool, completed: int) -> str:
    if not completed and not is_of_site:
        return OF_PLAN
    runs = "1 past run" if completed == 1 else f"{completed} past runs"
    return f"{runs} here" if is_of_site else f"{runs} at all sites"
