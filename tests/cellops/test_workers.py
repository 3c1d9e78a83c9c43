"""A Celery process survives the end of its database connection; a worker that works at nothing ends."""

from types import SimpleNamespace

import psycopg2
import pytest
from django.db import connection
from django.utils import timezone

from batches.forecasts.actions import predictions
from batches.forecasts.tasks import forecast_lines
from batches.lines.actions import pools
from batches.lines.tasks import review_pools
from batches.notifications.actions import mails
from batches.notifications.models import Mail
from batches.notifications.tasks import send_mails
from cellops import workers
from supplychain.ids import new_id
from tests.batches.lines.builders import PoolWorld
from tests.supplychain.builders import make_user
from tests.system import database_url


def end_backend() -> None:
    """End the server's side of our connection, as a restart or an administrator does."""
    pid = connection.connection.info.backend_pid
    other = psycopg2.connect(database_url())
    other.autocommit = True
    other.cursor().execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    other.close()


def ended_in_the_middle(monkeypatch, module, name: str) -> None:
    """The next call of this function loses the database connection first."""
    usual = getattr(module, name)

    def lose(*arguments, **options):
        monkeypatch.setattr(module, name, usual)
        end_backend()
        return usual(*arguments, **options)

    monkeypatch.setattr(module, name, lose)


def in_the_middle_of(task: str, world: PoolWorld, monkeypatch) -> None:
    """Make the task due, and its connection end after the claim, before the work."""
    match task:
        case "review":
            ended_in_the_middle(monkeypatch, pools, "read_pools")
        case "forecast":
            ended_in_the_middle(monkeypatch, predictions, "line_facts")
        case "mail":
            now = timezone.now()
            person = make_user("olga", world.plant)
            Mail.objects.create(id=new_id(), person=person, is_critical=True, created_at=now, due_at=now)
            ended_in_the_middle(monkeypatch, mails, "mail_to_send")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("name", "task"), [("review", review_pools), ("forecast", forecast_lines), ("mail", send_mails)]
)
def test_a_process_whose_connection_ended_in_the_middle_of_a_task_does_the_next_one(name, task, monkeypatch):
    world = PoolWorld()
    world.arrived(0)
    in_the_middle_of(name, world, monkeypatch)
    assert task.apply().state == "FAILURE"
    assert task.apply().state == "SUCCESS"
    assert connection.is_usable()


def test_a_task_that_succeeds_leaves_a_sign_of_life(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    workers.prepare_folder()
    workers.leave_sign(SimpleNamespace(request=SimpleNamespace(is_eager=False, hostname="celery@one")))
    workers.leave_sign(SimpleNamespace(request=SimpleNamespace(is_eager=True, hostname="celery@two")))
    assert [path.name for path in (tmp_path / "var/run").iterdir()] == ["celery@one.ran"]


@pytest.mark.parametrize(
    ("name", "less"), [("celery@one", 5), ("second@one", 5), ("reviewer@one", 10), ("simulator@one", 10)]
)
def test_reports_have_the_processors_before_flags_and_flags_before_forecasts(name, less, tmp_path, monkeypatch):
    given, session = [], tmp_path / "autogroup"
    monkeypatch.setattr(workers.os, "nice", given.append)
    monkeypatch.setattr(workers, "SESSION_NICE", session)
    monkeypatch.setattr(workers.os, "getsid", lambda _: 1)
    workers.give_way(sender=SimpleNamespace(hostname=name))
    assert (given, session.exists()) == ([less], False), "the session is another's"
    monkeypatch.setattr(workers.os, "getsid", lambda _: workers.os.getpid())
    workers.give_way(sender=SimpleNamespace(hostname=name))
    assert session.read_text() == str(less)
