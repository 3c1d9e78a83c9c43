"""What tests.bench.inside can be asked to do. Arguments and answers are plain, for they travel between processes."""

import time
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from datetime import timedelta
from importlib import import_module
from io import StringIO
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.management import call_command
from django.db import connection, connections
from django.utils import timezone
from oauth2_provider.models import AccessToken, get_application_model
from redis import Redis

from batches.capacity.actions import set_capacity
from batches.capacity.models import Pool
from batches.flags.actions.evaluation import evaluate_due_orders
from batches.forecasts.actions.predictions import forecast_line
from batches.forecasts.models import ForecastJob
from batches.judgement.actions import forget_wish, wake_evaluation
from batches.lines.actions.pools import review_due_pools
from cellops.celery import app
from supplychain.orders.actions.events import Reporter, record_event, record_events
from supplychain.orders.actions.seals import broken_seals, usable_processes
from supplychain.orders.models import DueMark, DueOrder, PatientOrder, StatusEvent
from supplychain.orders.statuses import ReportOutcome
from supplychain.people.models import User
from supplychain.sites.models import Site
from supplychain.sites.statuses import SiteKind
from supplychain.systems.models import SourceSystem
from tests.bench.chain_inside import chain_size, orders_alike, rows_of_lot, store_a_file
from tests.bench.chain_world import build_chain, codes_to_read, copy_chain
from tests.bench.history import build_past, copy_past
from tests.bench.journeys import Journey
from tests.bench.smoke import ChainCounts, Counts
from tests.bench.steps_inside import steps_of_claims, steps_of_requests
from tests.bench.world import MOVED_POOLS, SOURCE, USER, build_world

# The deeds that other modules here hold.
__all__ = [
    "build_chain", "build_past", "chain_size", "codes_to_read", "copy_chain", "copy_past", "orders_alike",
    "rows_of_lot", "steps_of_claims", "steps_of_requests", "store_a_file",
]  # fmt: skip
CLAIM = 300
_done: set[str] = set()
KEPT_FOR_A_MINUTE = ("kpis", "times-in-stage")


def build(orders: int) -> list[Journey]:
    """Make a world in the empty database; its orders' journeys, as far as they have come."""
    journeys = build_world(orders).journeys
    count_rows()
    # Before the first judgement, which then rests on the queues as they are and needs no second.
    review_due_pools(now=timezone.now())
    return journeys


def count_rows() -> None:
    """Have PostgreSQL know its tables."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def let_go() -> None:
    """Leave the database alone, so that it can be copied."""
    connections.close_all()


def forget_minute() -> None:
    """Have pages read anew what they keep for a minute."""
    valkey = Redis.from_url(settings.REDIS_URL)
    for what in KEPT_FOR_A_MINUTE:
        for key in valkey.scan_iter(f"*:{what}:*"):
            valkey.delete(key)


def task_ms(name: str) -> float:
    """Milliseconds of this task of beat, once it has done what there was to do."""
    app.loader.import_default_modules()
    task = app.tasks[name]
    if name not in _done:
        _done.add(name)
        task.run()
    start = time.perf_counter()
    task.run()
    return (time.perf_counter() - start) * 1000


def token() -> str:
    """A bearer token of the source, good for a day."""
    source = SourceSystem.objects.select_related("application").get(code=SOURCE)
    text = f"bench-{source.pk}"
    expires = timezone.now() + timedelta(days=1)
    scope = " ".join(source.scopes)
    AccessToken.objects.get_or_create(
        token=text, defaults={"application": source.application, "expires": expires, "scope": scope}
    )
    return text


def bare_token() -> str:
    """A bearer token of a person, as django-oauth-toolkit's own authentication needs one."""
    user = User.objects.create_user(USER)
    application = get_application_model().objects.create(name="bench", user=user)
    expires = timezone.now() + timedelta(days=1)
    AccessToken.objects.create(token="bare", user=user, application=application, expires=expires, scope="events:write")
    return "bare"


def cookie() -> str:
    """The cookie of a person who is logged in."""
    user = User.objects.get(username=USER)
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def reporter() -> Reporter:
    """The source as the one who speaks."""
    return Reporter.of_source(SourceSystem.objects.get(code=SOURCE))


def record_singly(rows: Sequence[dict[str, Any]]) -> list[float]:
    """Seconds that each event took, each in a transaction of its own."""
    by, seconds = reporter(), []
    for row in rows:
        start = time.perf_counter()
        result = record_event(row, by=by)
        seconds.append(time.perf_counter() - start)
        assert result.outcome == ReportOutcome.CREATED, result
    return seconds


def record_lists(lists: Sequence[Sequence[dict[str, Any]]]) -> list[float]:
    """Seconds that each list of events took."""
    by, seconds = reporter(), []
    for rows in lists:
        start = time.perf_counter()
        results = record_events(rows, by=by)
        seconds.append(time.perf_counter() - start)
        assert all(result.outcome == ReportOutcome.CREATED for result in results), results[0]
    return seconds


def import_events(path: str) -> float:
    """Seconds that `manage.py import_events` took for this file, without the start of Python."""
    start = time.perf_counter()
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        call_command("import_events", path, source=SOURCE, skip_checks=True)
    return time.perf_counter() - start


def open_order() -> str:
    """The id of an open order."""
    return str(PatientOrder.objects.open().order_by("-ordered_at").values_list("pk", flat=True)[0])


def judge_all() -> int:
    """Judge everything that is due; how many orders that were."""
    judged = 0
    while claimed := evaluate_due_orders(now=timezone.now(), limit=CLAIM).claimed:
        judged += claimed
    review_due_pools(now=timezone.now())
    return judged


def judge_news(rows: Sequence[dict[str, Any]]) -> float:
    """Seconds for one claim of just the orders of which these events tell, one each."""
    make_due(0)
    record_lists([rows])
    start = time.perf_counter()
    claimed = evaluate_due_orders(now=timezone.now(), limit=len(rows)).claimed
    seconds = time.perf_counter() - start
    assert claimed == len(rows), claimed
    return seconds


def make_due(count: int) -> None:
    """Have exactly `count` orders due, taken from everywhere in the table."""
    now = timezone.now()
    DueMark.objects.all().delete()
    # A minute ahead: among thousands of orders the clock makes one due at any moment.
    DueOrder.objects.filter(due_at__lte=now + timedelta(minutes=1)).update(due_at=now + timedelta(hours=1))
    chosen = list(PatientOrder.objects.open().order_by("?").values_list("pk", flat=True)[:count])
    DueOrder.objects.filter(order__in=chosen).update(due_at=now)


def wake(processes: int = 1) -> float:
    """Have so many of a worker's processes judge what is due; the moment, in seconds of time.time()."""
    moment = time.time()
    for _ in range(processes):
        forget_wish()
        wake_evaluation()
    return moment


def move_places(share: float) -> None:
    """Leave the suites and the benches for tests this share of the places that they had at first."""
    now = timezone.now()
    for pool in Pool.objects.filter(code__in=MOVED_POOLS):
        first = pool.capacities.earliest("starts_at").places
        set_capacity(pool, places=max(1, round(first * share)), starts_at=now, by=None, now=now)


def smoke_counts(orders: int) -> Counts:
    """The counts of a small world."""
    from tests.bench.smoke_inside import smoke_counts as counted  # which calls the deeds of this module

    return counted(orders)


def chain_counts() -> ChainCounts:
    """The counts of the patient's chain in a small world."""
    from tests.bench.chain_counts import chain_counts as counted  # as above

    return counted()


def verify_seals() -> tuple[float, int]:
    """Seconds to verify the chain of every order, and how many events that were. Raises AssertionError if one broke."""
    start = time.perf_counter()
    assert not list(broken_seals(processes=usable_processes()))
    return time.perf_counter() - start, StatusEvent.objects.count()


def forecast_a_line(rounds: int) -> list[float]:
    """How many open orders the first plant's line has, then the seconds of each of so many forecasts of it."""
    line = Site.objects.filter(kind=SiteKind.PLANT).order_by("code")[0].pk
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        forecast_line(line, now=timezone.now(), may_rescue=False)
        seconds.append(time.perf_counter() - start)
    return [ForecastJob.objects.get(line=line).orders, *seconds]


def review_pools() -> float:
    """Seconds for a review of every pool."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE batches_poolstate SET review_after = %s", [timezone.now()])
    start = time.perf_counter()
    review_due_pools(now=timezone.now())
    return time.perf_counter() - start
