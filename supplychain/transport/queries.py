"""On which lanes shipments are, and when they arrive by them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time
from typing import Any, NamedTuple
from uuid import UUID

from supplychain.orders.models import PatientOrder, StageRun, StatusEvent
from supplychain.orders.queries import order_state
from supplychain.orders.statuses import StageStatus
from supplychain.sql import read
from supplychain.transport.rules.delays import delay_words
from supplychain.transport.rules.lanes import Lane, lane_plan_words
from supplychain.withdrawals import standing_part

# A lane of the shipment's courier before one for whoever carries it; of two attempts the newer one counts.
LANES_SQL = """SELECT run.id, run.order_id, stage.code, lane.courier, lane.usual_hours, lane.customs_hours,
        lane.cut_offs::text[], site.time_zone
    FROM supplychain_stagerun run
    JOIN supplychain_stage stage ON stage.id = run.stage_id
    JOIN supplychain_shipment shipment ON shipment.stage_run_id = run.id AND shipment.withdrawn_at IS NULL
    JOIN supplychain_site site ON site.id = shipment.from_site_id
    CROSS JOIN LATERAL (
        SELECT courier, usual_hours, customs_hours, cut_offs FROM supplychain_lane
        WHERE from_site_id = shipment.from_site_id AND to_site_id = shipment.to_site_id AND is_active
            AND (courier = '' OR UPPER(courier) = UPPER(shipment.courier))
        ORDER BY courier = '' LIMIT 1
    ) lane
    WHERE run.order_id = ANY(%(ids)s::uuid[]) AND run.status = ANY(%(statuses)s)
    ORDER BY run.order_id, run.attempt"""


# Not arrived, and not in vain.
AWAITED = (StageStatus.PENDING, StageStatus.READY, StageStatus.RUNNING, StageStatus.HELD)


def lanes_of(order_ids: list[str]) -> dict[UUID, Mapping[str, Lane]]:
    """The lanes on which shipments of these orders (ids as text) are under way, by the code of their stage; one
    query."""
    found: dict[UUID, dict[str, Lane]] = {}
    for _, order_id, stage, lane in _lanes(order_ids, (StageStatus.RUNNING,)):
        found.setdefault(order_id, {})[stage] = lane
    return dict(found)


def lane_plans_of(order: PatientOrder, runs: Sequence[StageRun]) -> dict[UUID, str]:
    """When its awaited shipments arrive by their lanes, in words, by the id of their run; one query where nobody said
    of one when it is to arrive. `runs`: with their stage and shipment."""
    if not order.is_open:
        return {}
    state = order_state(order, runs)
    open_runs = {run.pk: state.runs[run.attempt, run.stage.code] for run in runs if _is_awaited(run)}
    is_asked = any(one.expected_end is None for one in open_runs.values())
    lanes = {pk: lane for pk, _, _, lane in _lanes([str(order.pk)], AWAITED)} if is_asked else {}
    words = {pk: lane_plan_words(lanes[pk], run) for pk, run in open_runs.items() if pk in lanes}
    return {pk: text for pk, text in words.items() if text}


class ShownDelay(NamedTuple):
    """A delay or rerouting as it is shown: its words, when it was said, and by whom; `said`: as the shipment keeps it;
    `is_newest`: the arrival that it tells is the one that counts."""

    words: str
    at: datetime
    by: str
    said: Mapping[str, Any]
    is_newest: bool = True


def delays_of(runs: Sequence[StageRun]) -> dict[UUID, list[ShownDelay]]:
    """What was said of the delays of these runs' shipments, in the order in which it counts, by the id of their run;
    one query where there are any."""
    kept = {run.pk: shipment.delays for run in runs if (shipment := standing_part(run, "shipment")) and shipment.delays}
    ids = [one["event"] for ones in kept.values() for one in ones]
    events = StatusEvent.objects.filter(pk__in=ids).select_related("source", "user") if ids else ()
    by = {str(event.pk): event.source.name if event.source else str(event.user) for event in events}
    return {pk: [_shown(one, by, is_newest=one is ones[-1]) for one in ones] for pk, ones in kept.items()}


def _shown(said: Mapping[str, Any], by: Mapping[str, str], *, is_newest: bool) -> ShownDelay:
    at, whose = datetime.fromisoformat(said["at"]), by.get(said["event"], "")
    return ShownDelay(delay_words(said), at, whose, said, is_newest)


def _is_awaited(run: StageRun) -> bool:
    return run.status in AWAITED and standing_part(run, "shipment") is not None


def _lanes(order_ids: list[str], statuses: Sequence[StageStatus]) -> Iterator[tuple[UUID, UUID, str, Lane]]:
    """Run, order, stage and lane of each shipment in one of these statuses, the newest attempt last."""
    rows = read(LANES_SQL, ids=order_ids, statuses=[one.value for one in statuses])
    for run, order, stage, courier, usual, customs, cut_offs, zone in rows:
        yield run, order, stage, Lane(courier, usual, customs, tuple(map(time.fromisoformat, cut_offs)), zone)
