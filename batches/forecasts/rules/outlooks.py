"""When a dose would be ready if the order were placed now: the same forecast that the order itself would get."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from batches.forecasts.rules.conditions import IF_USABLE, if_usable
from batches.forecasts.rules.forecasts import ForecastFinding, forecast
from batches.forecasts.rules.ready import ReadyBasis, ReadyForecast
from batches.judgement.rules.facts import OrderRow, RunFacts, Surroundings, order_facts
from batches.judgement.rules.findings import hours_between
from supplychain.flows.rules.plans import FlowPlan
from supplychain.orders.rules.waits import permitted_hours
from supplychain.orders.statuses import OrderStatus, StageStatus
from supplychain.words import hours_words

NOBODY = UUID(int=0)
# Earlier by less is no earlier: the forecast of a line is made anew every few minutes.
AS_SOON = timedelta(hours=1)
NONE_OF_KIND = "once placed, the order gets a simulated forecast, which may say another date"


def order_to_come(flow: FlowPlan, product_id: UUID, sites: Mapping[str, UUID], now: datetime) -> OrderRow:
    """The row of an order of `product_id` placed now at `sites` (by place), of which nothing has been said."""
    status = OrderStatus.ORDERED.value
    places = {place: str(site) for place, site in sites.items()}
    return OrderRow(
        NOBODY, flow.id, product_id, frozenset(sites.values()), status, 1, now, None, None, None, places=places
    )  # fmt: skip


def outlook(
    flow: FlowPlan, product_id: UUID, sites: Mapping[str, UUID], around: Surroundings, now: datetime
) -> ForecastFinding | None:
    """The forecast for such an order: usual durations at these sites, and the queues as they are now."""
    runs = [
        RunFacts(
            code, 1, str(sites[plan.place]), plan.pool,
            StageStatus.PENDING.value if plan.after else StageStatus.READY.value,
            None if plan.after else now, *[None] * 6,
        )
        for code, plan in flow.stages.items()
    ]  # fmt: skip
    return forecast(order_facts(order_to_come(flow, product_id, sites, now), flow, runs, around, []), now)


def simulated_newcomer(kind: Mapping[str, Any], made_at: datetime, now: datetime) -> ReadyForecast:
    """An order placed now, from the futures of the line: `kind` as summaries.newcomers has it."""
    names = ("median_hours", "low_hours", "high_hours")
    dates, p_wait = (now + timedelta(hours=kind[name]) for name in names), kind.get("p_wait_flagged")
    known = (ReadyBasis.SIMULATED, *dates, None, None, made_at, made_at)
    return ReadyForecast(*known, p_wait=p_wait, if_usable=if_usable(p_wait or 0))


def usual_newcomer(made: ForecastFinding, now: datetime) -> ReadyForecast:
    """The same by usual durations and today's queues, where no future says anything of such an order."""
    known = (ReadyBasis.USUAL, made.ready_at, None, None, None, None, now, now, NONE_OF_KIND)
    queue = _long_queue(made, now)
    return ReadyForecast(*known, long_queue=queue, if_usable=IF_USABLE if queue else "")


def _long_queue(made: ForecastFinding, now: datetime) -> str:
    """Where the queue for a place is longer than cells may wait for it, in words; empty: nowhere."""
    for leg in made.legs.values():
        plan, permitted = leg.stage.plan, permitted_hours(leg.stage.plan)
        queue = hours_between(leg.arrives.at(now), leg.starts.at(now))
        if permitted is not None and queue > permitted:
            longest = hours_words(plan.longest_wait_hours or 0)
            return f"Before {plan.name} cells may wait {longest}, and the queue is {hours_words(queue)} now"
    return ""


def quickest(made: Mapping[UUID, ReadyForecast]) -> UUID | None:
    """The plant from which a dose is likely ready first, of what is said of each; None: nobody can tell.

    Usual durations know a plant that has never made the product by its plan alone, so they count only where no line
    is simulated.
    """
    simulated = {plant: one for plant, one in made.items() if one.is_simulated}
    moments = [(one.ready_at, plant) for plant, one in (simulated or made).items() if one.ready_at]
    first, *others = sorted(moments, key=lambda one: one[0]) or [(None, None)]
    is_first = first[0] is not None and all(moment - first[0] >= AS_SOON for moment, _ in others)
    return first[1] if is_first else None


def quickest_words(made: Mapping[UUID, ReadyForecast], first: UUID) -> str:
    """What the plant that `quickest` names is called; an earlier date by usual durations alone does not stand against
    it, and then not all are compared."""
    ready_at = made[first].ready_at
    others = [one.ready_at for plant, one in made.items() if plant != first and not one.is_simulated]
    is_of_all = all(moment is None or ready_at is None or moment >= ready_at for moment in others)
    return "likely the quickest plant" if is_of_all else "likely the quickest plant that is simulated"


def chance_words(made: ReadyForecast, wanted_at: datetime) -> str:
    """How likely a dose ordered now is ready by then, as far as the range of the futures tells, and on what that
    rests."""
    return f"{_chance(made, wanted_at)}{f', {made.rests_on}' if made.ready_at and made.rests_on else ''}"


def _chance(made: ReadyForecast, wanted_at: datetime) -> str:
    if made.ready_at is None:
        return "no date can be foreseen"
    if made.ready_from is None or made.ready_to is None:
        return f"{'earlier than' if wanted_at < made.ready_at else 'as'} the usual durations and today’s queues allow"
    shares = ((made.ready_from, "fewer than 1"), (made.ready_at, "1 to 5"), (made.ready_to, "5 to 9"))
    share = next((words for moment, words in shares if wanted_at < moment), "more than 9")
    return f"ready by then in {share} of 10 cases"
