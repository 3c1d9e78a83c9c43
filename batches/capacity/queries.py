"""What is known of pools: how many open orders need them, and which capacity is in force."""

from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import F

from batches.capacity.models import Pool, PoolCapacity
from batches.capacity.rules import PoolNeed, is_taken_back_late
from supplychain.orders.models import StageRun
from supplychain.orders.statuses import AT_WORK_STAGE_STATUSES, OPEN_ORDER_STATUSES, StageStatus

PoolKey = tuple[UUID, str]
# From the farthest to the nearest.
STANDINGS = ("coming", "waiting", "held")
STANDING_OF = {
    StageStatus.PENDING: "coming",
    StageStatus.READY: "waiting",
    **dict.fromkeys(AT_WORK_STAGE_STATUSES, "held"),
}


def needs_of(pools: Collection[PoolKey]) -> dict[PoolKey, PoolNeed]:
    """What open orders need of these pools (site, code); one query. An order with several stages there counts once."""
    rows = StageRun.objects.filter(
        site__in={site for site, _ in pools},
        pool__in={code for _, code in pools},
        status__in=list(STANDING_OF),
        withdrawn_at=None,
        attempt=F("order__attempt"),
        order__status__in=OPEN_ORDER_STATUSES,
    )
    orders: dict[PoolKey, dict[UUID, str]] = defaultdict(dict)
    for site, code, order, status in rows.values_list("site", "pool", "order", "status"):
        known = orders[site, code].get(order, STANDINGS[0])
        orders[site, code][order] = max(known, STANDING_OF[StageStatus(status)], key=STANDINGS.index)
    return {key: PoolNeed(**Counter(orders[key].values())) for key in pools}


def need_of(pool: Pool) -> PoolNeed:
    """The same of one pool."""
    return needs_of([(pool.site_id, pool.code)])[pool.site_id, pool.code]


def places_before(pool: Pool, moment: datetime) -> int | None:
    """How many places are in force just before `moment`; None: none set."""
    steps = PoolCapacity.objects.filter(pool=pool, starts_at__lt=moment).order_by("-starts_at")
    return steps.values_list("places", flat=True).first()


def why_capacity_stays(step: PoolCapacity, now: datetime) -> str:
    """What has rested on a capacity, so that it cannot be taken back; empty: it can."""
    if is_taken_back_late(step.starts_at, now):
        return "the judgement of the pool since it began"
    others = PoolCapacity.objects.filter(pool=step.pool_id).exclude(pk=step.pk)
    if step.starts_at <= now and not others.filter(starts_at__lte=now).exists():
        return "the pool, which has no other capacity until now"
    return ""
