"""From which P(late) on a flag pays, by what acting and being late cost. Pure.

The cost–loss problem (Murphy, Monthly Weather Review 105 (1977) 803–816), counted on past orders: acting costs on every
flagged order, and of the late doses that were flagged in time the share that acting avoids costs nothing more.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

import numpy as np

from batches.alarms.rules.figures import FEW, AlarmFigures, WatchedOrder
from batches.alarms.rules.replays import AlarmFate, Ledger, ThresholdFigures, curve
from batches.calibration.rules.scores import Estimate, skill
from batches.forecasts.rules.thresholds import ActingCosts, Thresholds

# Fewer orders with a known outcome, or late ones among them, are too few to choose a threshold by.
FEWEST_ORDERS = 30
# The normal deviates of 1 − 0.05 / 40 and of 0.975.
OF_TWENTY = 3.0233 / 1.9600


class PricedThreshold(NamedTuple):
    """What a threshold (None: no flag at all) would have cost an order, in the unit of the costs."""

    threshold: float | None
    cost: float
    effect: ThresholdFigures | None


class ThresholdProposal(NamedTuple):
    """Of one product: its present thresholds with what they did, its costs, and what would have cost least.

    `best` None: no costs are known, or too few orders (`is_few`) to choose by. `saving`: the share (0–1) of the present
    cost that it would have saved, with an interval for the best of twenty.
    """

    product: str
    code: str
    limits: Thresholds
    costs: ActingCosts | None
    curve: Sequence[ThresholdFigures]
    present: ThresholdFigures | None
    is_few: bool
    present_cost: float | None = None
    best: PricedThreshold | None = None
    saving: Estimate | None = None

    @property
    def base_rate(self) -> float | None:
        """The share of orders that came late, 0–1."""
        one = self.present.figures if self.present else None
        return one.came / one.orders if one and one.orders else None

    @property
    def is_change(self) -> bool:
        """Whether another threshold would surely have cost less."""
        return self.saving is not None and self.saving.low is not None and self.saving.low > 0


def cost_per_order(one: AlarmFigures, costs: ActingCosts) -> float:
    """What flags of these figures would have cost, mean of an order with a known outcome."""
    late = one.came - costs.avoided * one.in_time.count
    return (costs.acting * one.flagged + costs.late * late) / one.orders if one.orders else 0.0


def cheapest(rows: Sequence[ThresholdFigures], costs: ActingCosts) -> PricedThreshold:
    """What would have cost least; of equals the highest threshold, and no flag before all."""
    one = rows[0].figures
    never = PricedThreshold(None, costs.late * one.came / one.orders if one.orders else 0.0, None)
    priced = [PricedThreshold(row.threshold, cost_per_order(row.figures, costs), row) for row in rows]
    return min([never, *reversed(priced)], key=lambda row: round(row.cost, 9))


def proposal(
    name: tuple[str, str], rows: Sequence[ThresholdFigures], limits: Thresholds, costs: ActingCosts | None
) -> ThresholdProposal:
    """What is proposed for a product (`name`: its own and its code) whose curve `rows` holds its present thresholds."""
    by_threshold = {row.threshold: row for row in rows}
    present = by_threshold.get(round(limits.attention, 4))
    seen = present.figures if present else None
    is_few = seen is None or seen.orders < FEWEST_ORDERS or seen.came < FEW
    found = ThresholdProposal(*name, limits, costs, rows, present, is_few)
    if costs is None or present is None or seen is None:
        return found
    found = found._replace(present_cost=cost_per_order(seen, costs))
    if is_few:
        return found
    best = cheapest(rows, costs)
    return found._replace(best=best, saving=saving(present, best, costs))


def proposals(
    orders: Iterable[WatchedOrder], ledger: Ledger, products: Iterable[tuple[UUID, str, str]],
    limits: Mapping[str, Thresholds], costs: Mapping[str, ActingCosts],
) -> list[ThresholdProposal]:  # fmt: skip
    """A proposal for each product (id, name, code) of which there are orders; `limits`, `costs` by its id as text."""
    by_product: dict[UUID, list[WatchedOrder]] = {}
    for order in orders:
        by_product.setdefault(order.product_id, []).append(order)
    found = []
    for product, *name in products:
        if of_product := by_product.get(product):
            own, cost = limits.get(str(product), Thresholds()), costs.get(str(product))
            also = [own.attention, own.critical, *([cost.pays_from] if cost and cost.pays_from else [])]
            row = curve(of_product, ledger, easing=own.easing, also=also)
            found.append(proposal((name[0], name[1]), row, own, cost))
    return found


def saving(present: ThresholdFigures, best: PricedThreshold, costs: ActingCosts) -> Estimate | None:
    """Which share of its present cost `best` would have saved on the same orders; None where it cost nothing.

    By weeks of a line, whose orders share queues. The interval is wider than 95 % of one, because the best of some
    twenty thresholds is looked at (Bonferroni).
    """
    other = best.effect.fates if best.effect else [fate._replace(is_flagged=False) for fate in present.fates]
    spent, now = (np.array([_spent(fate, costs) for fate in fates]) for fates in (other, present.fates))
    found = skill(spent, now, [fate.week for fate in present.fates])
    if found is None or found.low is None or found.high is None:
        return found
    return Estimate(found.value, *(found.value + (end - found.value) * OF_TWENTY for end in found[1:]))


def _spent(fate: AlarmFate, costs: ActingCosts) -> float:
    acted = costs.acting - (costs.late * costs.avoided if fate.came and fate.is_in_time else 0.0)
    return costs.late * fate.came + (acted if fate.is_flagged else 0.0)
