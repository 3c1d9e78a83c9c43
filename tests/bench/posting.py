"""`POST /api/v1/events/`, one event a request, beside pgbench and a bare DRF view, in turns."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from statistics import median
from typing import Any

from tests.bench import baselines, programs
from tests.bench.figures import Figure, Report, median_ratio, percentile
from tests.bench.journeys import Journey
from tests.bench.load import Outcome, post, run_load
from tests.bench.stage import BASELINE, MANY, Stage

EVENTS, BARE_EVENTS = "/api/v1/events/", "/events/"
CONNECTIONS = 8
WARMING_EVENTS = 400
BUSY_ROUNDS, BUSY_TARGET = 3, 1.2
SECTION = "One event a request"
_numbers = count(1)


@dataclass(slots=True)
class Rounds:
    """What each round measured; the n-th values were measured one after the other."""

    pgbench: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    ours: list[Outcome] = field(default_factory=list)


def measure(report: Report, stage: Stage) -> None:
    """8 connections, two web processes: with the judgement asleep, then at work."""
    report.head(f"{SECTION}: {CONNECTIONS} connections, 2 web processes, {stage.sizes.many:,} open orders")
    with programs.web(MANY) as port:
        with programs.web(BASELINE, target="tests.bench.bare.wsgi:application") as bare_port:
            rounds = _rounds(stage, port, bare_port)
        _say(report, rounds)
        with programs.workers_and_beat(MANY, "simulator"):
            _say_busy(report, _busy(stage, port, rounds.ours[-1].rate), median(rounds.bare))


def _rounds(stage: Stage, port: int, bare_port: int) -> Rounds:
    """In turns; the first round warms everything up and says how much fits into a round."""
    seconds, rounds = stage.sizes.round_seconds, Rounds()
    bare = whole(run_load(bare_port, bare_requests(stage.bare_token, WARMING_EVENTS)))
    ours = whole(run_load(port, requests(stage.token, stage.journeys, WARMING_EVENTS)))
    for _ in range(stage.sizes.rounds):
        rounds.pgbench.append(baselines.pgbench(BASELINE, stage.folder, seconds=seconds))
        bare = whole(run_load(bare_port, bare_requests(stage.bare_token, round(bare.rate * seconds))))
        ours = whole(run_load(port, requests(stage.token, stage.journeys, round(ours.rate * seconds))))
        rounds.bare.append(bare.rate)
        rounds.ours.append(ours)
    return rounds


def _busy(stage: Stage, port: int, rate: float) -> list[float]:
    """Events a second while worker, reviewer and simulator work on what they tell of; the first round wakes them."""
    events = round(rate * stage.sizes.round_seconds)
    rates = [whole(run_load(port, requests(stage.token, stage.journeys, events))).rate for _ in range(BUSY_ROUNDS + 1)]
    return rates[1:]


def _say_busy(report: Report, rates: list[float], bare: float) -> None:
    name = "POST events/, with the judgement at work"
    report.add(Figure(SECTION, name, median(rates), "a second", "bare DRF", median(rates) / bare, BUSY_TARGET))


def _say(report: Report, rounds: Rounds) -> None:
    rates = [own.rate for own in rounds.ours]
    report.add(Figure(SECTION, "pgbench: bare insert and update, 8 clients", median(rounds.pgbench), "a second"))
    ratio = median_ratio(rounds.bare, rounds.pgbench)
    report.add(Figure(SECTION, "bare DRF view", median(rounds.bare), "a second", "pgbench", ratio))
    for base, values, target in (("pgbench", rounds.pgbench, 0.06), ("bare DRF", rounds.bare, 0.8)):
        ratio = median_ratio(rates, values)
        report.add(Figure(SECTION, "POST events/", median(rates), "a second", base, ratio, target))
    durations = [seconds for own in rounds.ours for seconds in own.durations]
    report.add(Figure(SECTION, "POST events/, half answered within", median(durations) * 1000, "ms"))
    report.add(Figure(SECTION, "POST events/, 95 of 100 within", percentile(durations, 0.95) * 1000, "ms"))


def whole(outcome: Outcome) -> Outcome:
    """A round in which every request was answered with 2xx. Raises RuntimeError for any other."""
    if outcome.refused or not outcome.answered:
        raise RuntimeError(f"{outcome.refused} of {outcome.answered + outcome.refused} refused: {outcome.complaint}")
    return outcome


def requests(token: str, journeys: list[Journey], events: int) -> list[list[bytes]]:
    """The next events of orders that each belong to one connection, so that they come in order."""
    dealt: list[list[bytes]] = [[] for _ in range(CONNECTIONS)]
    for journey, row in next_events(journeys, events):
        dealt[journey.number % CONNECTIONS].append(post(EVENTS, token, row))
    return dealt


def next_events(journeys: list[Journey], events: int) -> Iterator[tuple[Journey, dict[str, Any]]]:
    """One fresh event of each order in turn; orders at their end leave the list, the others go to its end."""
    moment, given = datetime.now(UTC), 0
    while given < events:
        turn = [journey for journey in journeys[: events - given] if journey.left]
        del journeys[: events - given]
        journeys += turn
        given += len(turn)
        for journey in turn:
            yield journey, next(journey.fresh(1, moment))


def bare_requests(token: str, events: int) -> list[list[bytes]]:
    """The same for the bare view."""
    dealt: list[list[bytes]] = [[] for _ in range(CONNECTIONS)]
    moment = datetime.now(UTC).isoformat()
    for number in range(events):
        row = {
            "source_event_id": f"bare-{next(_numbers)}",
            "order": baselines.order_id(number % baselines.ORDERS + 1),
            "kind": "started",
            "stage": "selection",
            "occurred_at": moment,
            "resource": "unit 1",
            "payload": {"batch_number": "LOT-1", "suite": "S1"},
        }
        dealt[number % CONNECTIONS].append(post(BARE_EVENTS, token, row))
    return dealt
