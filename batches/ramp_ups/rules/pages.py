"""How the results of scenarios are told: tables and charts of bands. Pure; docs/judgement/ramp-up.md defines them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from batches.lines.rules.pools import WINDOW_HOURS
from batches.ramp_ups.rules.results import LIMITS_FROM, METRICS, Metric, holds_up
from supplychain.pages.charts import CATEGORIES, Chart, ChartKind, Series, Tone

NOT_KNOWN = "–"
# What the bottleneck page looks back on.
PAST_DAYS = round(WINDOW_HOURS / 24)
CSV_COLUMNS = (
    "scenario", "figure", "pool", "unit", "mean", "low_95", "high_95", "replications", "difference_to_base",
    "difference_low_95", "difference_high_95", "beyond_chance",
)  # fmt: skip
POOL_FIGURES = (
    ("used", "Places in use", "%", 100),
    ("pressed", "Pressed", "%", 100),
    ("wait", "Mean wait", "hours", 1),
)


class ToldFigure(NamedTuple):
    """One figure for people: the mean, its band, the difference to the base with its band, and whether that tells."""

    mean: str
    band: str
    change: str = ""
    change_band: str = ""
    tells: bool = False


@dataclass(frozen=True, slots=True)
class Side:
    """One column of a comparison: its name, the outcome as it is kept, whether differences are told, and the currency
    of its costs (empty: not said)."""

    name: str
    outcome: Mapping[str, Any]
    differs: bool
    currency: str = ""

    @property
    def steadiness(self) -> str:
        """What its figures are figures of, and the load of each pool."""
        return steadiness_words(self.outcome)


class ScenarioRow(NamedTuple):
    """One figure over all columns."""

    name: str
    unit: str
    cells: list[ToldFigure]


def metric_rows(sides: Sequence[Side]) -> list[ScenarioRow]:
    """Every figure of the line, column by column."""
    return [ScenarioRow(metric.name, metric.unit, [_told(metric, side) for side in sides]) for metric in METRICS]


def pool_rows(sides: Sequence[Side]) -> list[ScenarioRow]:
    """Share of time in which each pool was full with somebody waiting, and the wait."""
    names = {pool["code"]: pool["name"] for side in sides for pool in side.outcome["pools"]}
    return [ScenarioRow(name, "", [_pool(code, side) for side in sides]) for code, name in names.items()]


def charts(sides: Sequence[Side]) -> list[Chart]:
    """Throughput and on-time share with their bands, and how pressed each pool is."""
    return [
        _band_chart("throughput", "Doses a week", "", sides),
        _band_chart("on_time", "Doses ready by their promise", "%", sides),
        _pool_chart("pressed", "Time in which a pool is full and somebody waits", sides),
        _pool_chart("used", "Places in use", sides),
    ]


def csv_rows(sides: Sequence[Side]) -> list[list[Any]]:
    """Every figure of every column, one a row."""
    rows = []
    for side in sides:
        for metric in METRICS:
            found = _metric(metric.field, side)
            change = found["change"] or [None] * 4
            rows.append(
                [side.name, metric.name, "", _unit(metric, side), *_four(found["band"]), *change[:3],
                 ("yes" if found["tells"] else "no") if found["change"] else None]
            )  # fmt: skip
        for pool in side.outcome["pools"]:
            for field, name, unit, scale in POOL_FIGURES:
                values = _four(pool[field])
                scaled = [None if one is None else one * scale for one in values[:3]]
                rows.append([side.name, name, pool["name"], unit, *scaled, values[3], None, None, None, None])
        for _, pool, load in (side.outcome.get("steadiness") or {"loads": ()})["loads"]:
            rows.append([side.name, "Load", pool, "%", round(100 * load, 1), *[None] * 7])
    return rows


def steadiness_words(outcome: Mapping[str, Any]) -> str:
    """What the figures of an outcome are figures of, and the load of each pool; empty for an older one."""
    found = outcome.get("steadiness")
    return f"{found['words']} {load_words(found['loads'])}".strip() if found else ""


def load_words(loads: Sequence[Sequence[Any]]) -> str:
    """The load of every pool by the orders that come, the fullest first: those under way may fill it for weeks."""
    if not loads:
        return ""
    told = sorted(loads, key=lambda one: (-one[2], one[1]))
    return "Load by new orders: " + ", ".join(f"{name} {_load(load)}" for _, name, load in told) + "."


def _load(load: float) -> str:
    return f"{100 * load:.0f} %" if load < 100 else "no places"


def _unit(metric: Metric, side: Side) -> str:
    return side.currency if metric.field == "cost" else metric.unit


def limit_words(limit: Mapping[str, Any], replications: int) -> tuple[str, str]:
    """What limits a line, and how sure that is: named as a bottleneck by the same share as on the bottleneck page."""
    times = round(limit["sure"] * replications)
    interval = f"95 % interval {_share(limit['low'])} to {_share(limit['high'])}"
    sure = f"in {times} of {replications} simulations ({interval})"
    if not limit["code"]:
        return "No bottleneck", f"{sure} no pool is full with somebody waiting for {_share(LIMITS_FROM)} of the time"
    name = limit["name"] if is_bottleneck(limit) else f"No bottleneck; nearest to one: {limit['name']}"
    return name, f"full with somebody waiting {_share(limit['pressed'])} of the time; the most pressed pool {sure}"


def is_bottleneck(limit: Mapping[str, Any]) -> bool:
    """Whether the most pressed pool is pressed for so long that it holds the line up."""
    return holds_up(limit["code"], limit["pressed"])


def held_up_by(limit: Mapping[str, Any]) -> str:
    """Name of the pool that holds the line up ahead; empty: none does."""
    return limit["name"] if is_bottleneck(limit) else ""


def beside_past(past: str, limit: Mapping[str, Any], planned: Sequence[str] = ()) -> str:
    """Why the bottleneck page, which looks back, names another pool than the outlook, which looks ahead; empty: it does
    not. `past`: the pool that holds the line up by the past week, empty: none."""
    ahead = held_up_by(limit)
    if ahead == past:
        return ""
    back = f"{past} held up the line in the past {PAST_DAYS} days"
    if not past:
        back = f"no pool was full with a queue for half of the past {PAST_DAYS} days"
    forth = f"{ahead}: full with somebody waiting for {_share(limit['pressed'])} of the time" if ahead else (
        "no pool is full with somebody waiting for half of the time"
    )  # fmt: skip
    # Of the changes planned only those of the two pools can be the reason.
    if of_them := [one for one in planned if any(name and name in one for name in (past, ahead))]:
        why = f"places change ({'; '.join(of_them)})"
    elif ahead:
        why = "orders under way and still to come reach it only then"
    else:
        why = "its queue is worked off by then"
    return f"The two look at different times: {back}; in the next four weeks {forth}; the likely reason: {why}."


def _metric(field: str, side: Side) -> Mapping[str, Any]:
    return next(one for one in side.outcome["metrics"] if one["field"] == field)


def _told(metric: Metric, side: Side) -> ToldFigure:
    found = _metric(metric.field, side)
    if not found["band"]:
        return ToldFigure(NOT_KNOWN, "costs are not known" if metric.field == "cost" else "")
    mean, low, high, _ = found["band"]
    money = f" {side.currency}" if metric.field == "cost" and side.currency else ""
    told = ToldFigure(_number(mean, metric) + money, f"{_number(low, metric)} to {_number(high, metric)}")
    if not side.differs or not found["change"]:
        return told
    change, low, high = (_number(one, metric, "+") for one in found["change"][:3])
    if found["tells"]:
        return told._replace(change=f"{change} {metric.step}", change_band=f"{low} to {high}", tells=True)
    return told._replace(change="no difference", change_band=f"{low} to {high}" if low != high else "")


def _number(value: float, metric: Metric, sign: str = "") -> str:
    """What rounds to nothing has no sign."""
    rounded = round(value, metric.decimals)
    return f"{rounded:{sign},.{metric.decimals}f}" if rounded else f"{0:.{metric.decimals}f}"


def _pool(code: str, side: Side) -> ToldFigure:
    pool = next((one for one in side.outcome["pools"] if one["code"] == code), None)
    if pool is None or not pool["pressed"]:
        return ToldFigure(NOT_KNOWN, "")
    used = f"{_share(pool['used'][0])} in use" if pool["used"] else "no places"
    loads = {one[0]: one[2] for one in (side.outcome.get("steadiness") or {"loads": ()})["loads"]}
    used = f"load by new orders {_load(loads[code])}, {used}" if code in loads else used
    wait = f", mean wait {pool['wait'][0]:.1f} h" if pool["wait"] else ""
    is_limit = side.outcome["limit"]["code"] == code and is_bottleneck(side.outcome["limit"])
    return ToldFigure(f"{_share(pool['pressed'][0])} pressed", used + wait, tells=is_limit)


def _share(value: float) -> str:
    return f"{100 * value:.0f} %"


def _four(band: Sequence[Any] | None) -> list[Any]:
    return list(band) if band else [None] * 4


def _band_chart(field: str, title: str, unit: str, sides: Sequence[Side]) -> Chart:
    bands = [_four(_metric(field, side)["band"]) for side in sides]
    names = (("95 % from", 1, Tone.MUTED), ("Mean", 0, Tone.FIRST), ("95 % to", 2, Tone.THIRD))
    series = [Series(name, [band[at] for band in bands], tone) for name, at, tone in names]
    return Chart(
        f"ramp-{field}",
        title,
        ChartKind.BARS,
        [side.name for side in sides],
        series,
        unit,
        sideways=True,
        decimals=2,
        row_name="Scenario",
    )


def _pool_chart(field: str, title: str, sides: Sequence[Side]) -> Chart:
    names = {pool["code"]: pool["name"] for side in sides for pool in side.outcome["pools"]}
    series = [
        Series(side.name, [_pool_share(code, field, side) for code in names], CATEGORIES[at % len(CATEGORIES)])
        for at, side in enumerate(sides)
    ]
    return Chart(
        f"ramp-{field}", title, ChartKind.BARS, list(names.values()), series, "%", sideways=True, row_name="Pool"
    )


def _pool_share(code: str, field: str, side: Side) -> float | None:
    found = next((pool[field] for pool in side.outcome["pools"] if pool["code"] == code), None)
    return 100 * found[0] if found else None
