"""Where the time goes: statements and milliseconds of each step."""

from itertools import islice

from tests.bench.bulk import SHAPES, lists_of
from tests.bench.figures import Report
from tests.bench.posting import next_events
from tests.bench.stage import Stage

EVENTS, LISTS, CLAIMS, CLAIM = 300, 5, 5, 75
ACTION, OUTER = "record_events", ("whole", "record_events")
INSIDE_SQL = ("SQL: ", "COMMIT")
# These contain statements that are listed themselves.
CONTAINERS = ("project batches", "readings_for", "store_judgements")

Step = tuple[str, float, float]


def measure(report: Report, stage: Stage) -> None:
    """One event, one list, one claim, inside one process that nothing competes with."""
    report.head("Where the time goes (one process, without the server and its socket)")
    authorization = f"Bearer {stage.token}"
    rows = [row for _, row in next_events(stage.journeys, EVENTS)]
    _say(report, "one event", stage.many.do("steps_of_requests", rows, authorization))
    for orders, each in SHAPES:
        lists = list(islice(lists_of(stage.journeys, orders, each), LISTS))
        _say(report, f"1,000 events of {orders:,} orders", stage.many.do("steps_of_requests", lists, authorization))
    stage.many.do("make_due", CLAIMS * CLAIM)
    _say(report, f"one claim of {CLAIM} orders", stage.many.do("steps_of_claims", CLAIMS, CLAIM))


def _say(report: Report, name: str, steps: list[Step]) -> None:
    times = {label: milliseconds for label, _, milliseconds in steps}
    database = sum(time for label, time in times.items() if label.startswith(INSIDE_SQL))
    statements = sum(calls for label, calls, _ in steps if label.startswith("SQL: "))
    lines = [f"  {name}: {times['whole']:.2f} ms, of which {database:.2f} ms in {statements:.1f} statements and COMMIT"]
    if ACTION in times:
        lines.append(_line("server interface, authentication, JSON", 1, times["whole"] - times[ACTION]))
    own = times.get(ACTION, times["whole"]) - database - times.get("wake the worker (Valkey)", 0)
    lines.append(_line("our own Python in the action", 1, own))
    inner = sorted((step for step in steps if step[0] not in OUTER), key=lambda step: -step[2])
    lines += [_line(f"{label}{' (with its SQL)' if label in CONTAINERS else ''}", *rest) for label, *rest in inner]
    report.detail(f"steps of {name}", steps, "\n".join(lines))


def _line(label: str, calls: float, milliseconds: float) -> str:
    return f"    {label:<100}{calls:6.1f} × {milliseconds:9.3f} ms"
