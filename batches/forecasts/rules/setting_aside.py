"""The futures of a line although the simulation fails on some of its orders: these are found and left out."""

from collections.abc import Callable, Sequence

from batches.forecasts.rules.line_states import LineState
from batches.forecasts.rules.summaries import Simulated, simulated, with_more
from supplychain.sql import reason_of

Fails = Callable[[Sequence[int]], bool]


def simulated_without_failing(state: LineState, *, paths: int, first: Simulated | None = None) -> Simulated:
    """The futures of the line, of which the `first` may be known. Orders on which the simulation fails are taken out of
    `state` and named there.

    Raises what the simulation raised where no single order is to blame.
    """
    try:
        return with_more(first, paths=paths) if first else simulated(state, paths=paths)
    except Exception:
        reasons: dict[int, str] = {}

        def fails(some: Sequence[int]) -> bool:
            try:
                simulated(state, paths=paths, orders=[state.orders[at] for at in some])
            except Exception as error:  # noqa: BLE001 - whatever one order makes the simulation raise stays with it
                reasons[some[0]] = reason_of(error)
                return True
            return False

        if not (culprits := _culprits(fails, range(len(state.orders)))):
            raise
        _take_out(state, {at: reasons[at] for at in culprits})
        return simulated(state, paths=paths)


def _culprits(fails: Fails, some: Sequence[int]) -> list[int]:
    """Those on which it fails alone, by halving: a few of thousands cost a few simulations."""
    if not some or not fails(some):
        return []
    if len(some) == 1:
        return [some[0]]
    middle = len(some) // 2
    return _culprits(fails, some[:middle]) + _culprits(fails, some[middle:])


def _take_out(state: LineState, reasons: dict[int, str]) -> None:
    there = len(state.foreseen)
    for at, reason in reasons.items():
        if at < there:
            state.left_out[str(state.foreseen[at].facts.id)] = reason
        else:
            state.unknown_demand.append(reason)
    state.foreseen = [one for at, one in enumerate(state.foreseen) if at not in reasons]
    state.orders = [one for at, one in enumerate(state.orders) if at not in reasons]
