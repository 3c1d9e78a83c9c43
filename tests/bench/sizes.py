"""How much is measured: the default or full. Each section says what it took itself."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Sizes:
    """Rounds and their lengths; each figure is the median of its rounds."""

    few: int = 200  # open orders
    many: int = 20_000  # open orders
    rounds: int = 5
    round_seconds: int = 2
    round_events: int = 3_000  # more than can be answered in round_seconds
    bulk_lists: int = 3  # a connection and round
    import_rows: int = 5_000  # a round
    judged_orders: int = 3_000  # a round
    live_events: int = 750  # at 50 a second
    chain_copies: int = 1_000  # of a hundred orders with ten materials each
    readings: int = 100_000  # of a logger's file


SMALL = Sizes()
FULL = Sizes(rounds=15, round_seconds=5, round_events=8_000, bulk_lists=5, import_rows=20_000, judged_orders=6_000,
             live_events=3_000)  # fmt: skip


def with_orders(sizes: Sizes, orders: int) -> Sizes:
    """The same for a smaller world: what there is to report about lasts for fewer and shorter rounds."""
    return replace(
        sizes, many=orders, rounds=2, round_seconds=1, bulk_lists=1, import_rows=1_000,
        judged_orders=min(sizes.judged_orders, orders // 2), live_events=min(sizes.live_events, orders // 8),
        chain_copies=max(orders // 100, 1), readings=min(sizes.readings, orders),
    )  # fmt: skip
