"""Does it cost more with many open orders? The same work in two databases, in turns."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from statistics import median

from tests.bench import programs
from tests.bench.bulk import lists_of
from tests.bench.figures import Figure, Report, median_ratio
from tests.bench.inside import Inside
from tests.bench.journeys import Journey
from tests.bench.load import get, run_load
from tests.bench.posting import next_events, whole
from tests.bench.stage import FEW, MANY, Stage

SECTION = "Growth"
ROUNDS = 8
EVENTS_A_ROUND = 60
ORDERS_A_CLAIM = 50  # a claim takes twice as many with news
READS_A_ROUND = 12
COST_TARGET, REVIEW_TARGET_MS = 1.2, 150.0
LISTS = (
    ("GET orders/", "/api/v1/orders/"),
    ("GET flags/", "/api/v1/flags/"),
)


def measure(report: Report, stage: Stage) -> None:
    """Inside one process per database, so that nothing but our own code and PostgreSQL is measured."""
    report.head(f"{SECTION}: {stage.sizes.many:,} open orders instead of {stage.sizes.few:,}")
    pairs = ((stage.few, stage.few_journeys), (stage.many, stage.journeys))
    say(report, SECTION, "one event", in_turns([lambda p=pair: _event_ms(*p) for pair in pairs]), COST_TARGET)
    say(
        report,
        SECTION,
        "judging one order after an event",
        in_turns([lambda p=pair: _judging_ms(*p) for pair in pairs]),
        COST_TARGET,
    )
    _few, reviews = zip(*in_turns([lambda p=pair: _pools_ms(p[0]) for pair in pairs]), strict=True)
    name = "reviewing all pools (at most every 5–15 s)"
    report.add(Figure(SECTION, name, median(reviews), "ms", target=REVIEW_TARGET_MS, at_most=True))
    with ExitStack() as stack:
        names = (FEW, MANY)
        ports = [stack.enter_context(programs.web(name, workers=1)) for name in names]
        tokens = [headers(one)[0] for one in (stage.few, stage.many)]
        for name, path in LISTS:
            reads = [
                lambda p=port, t=token, path=path: read_ms(p, path, t)
                for port, token in zip(ports, tokens, strict=True)
            ]
            say(report, SECTION, name, in_turns(reads), COST_TARGET)


def in_turns(measures: Sequence[Callable[[], float]], rounds: int = ROUNDS) -> list[tuple[float, ...]]:
    """Rounds of them, after one that warms up."""
    return [tuple(measure() for measure in measures) for _ in range(rounds + 1)][1:]


def say(
    report: Report, section: str, name: str, rounds: Sequence[tuple[float, ...]], target: float | None = None
) -> None:
    """The median of the rounds, and how much longer it is with many than with few."""
    few, many = zip(*rounds, strict=True)
    base = f"{median(few):.3g} ms with few"
    report.add(Figure(section, name, median(many), "ms", base, median_ratio(many, few), target, at_most=True))


def _event_ms(one: Inside, journeys: list[Journey]) -> float:
    seconds = one.do("record_singly", [row for _, row in next_events(journeys, EVENTS_A_ROUND)])
    return median(seconds) * 1000


def _judging_ms(one: Inside, journeys: list[Journey]) -> float:
    rows = next(lists_of(journeys, ORDERS_A_CLAIM, 1))
    return one.do("judge_news", rows) / ORDERS_A_CLAIM * 1000


def _pools_ms(one: Inside) -> float:
    return one.do("review_pools") * 1000


def headers(one: Inside) -> tuple[str, str]:
    """What a system and what a person sends to be known."""
    return f"Authorization: Bearer {one.do('token')}", f"Cookie: {one.do('cookie')}"


def read_ms(port: int, path: str, header: str, reads: int = READS_A_ROUND) -> float:
    """Milliseconds for one answer, of so many the median."""
    outcome = whole(run_load(port, [[get(path, header)] * reads]))
    return median(outcome.durations) * 1000
