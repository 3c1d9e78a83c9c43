"""The command fills an empty database once, in demo mode only."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from batches.flags.models import Flag
from batches.judgement.statuses import FlagCode
from cellops.demo.credentials import ensure_credentials, read_credentials
from cellops.demo.sites import DEMO_PASSWORD, SOURCES
from cellops.demo.writing import write_demo
from supplychain.orders.models import PatientOrder, StageRun
from supplychain.people.models import User
from supplychain.sites.models import Site
from tests.cellops.demo.coarse import _coarse_past

__all__ = ["_coarse_past"]
pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.usefixtures("_coarse_past")]

NOW = datetime(2026, 3, 18, 11, 30, tzinfo=UTC)


class RollBack(Exception):
    """Ends a transaction without a trace."""


def content() -> list[tuple[Any, ...]]:
    """What the tables say of orders and stages, without ids."""
    orders = PatientOrder.objects.order_by("coi").values_list("coi", "status", "attempt", "promised_at", "version")
    runs = StageRun.objects.order_by("order__coi", "attempt", "stage__code").values_list(
        "order__coi", "attempt", "stage__code", "status", "ready_at", "started_at", "completed_at", "resource"
    )
    # A simulated future hangs on the ids of its orders, which are new each time.
    flags = Flag.objects.exclude(code__in=(FlagCode.PROMISE_AT_RISK, FlagCode.DOSE_AT_RISK))
    flags = flags.order_by("order__coi", "code", "stage").values_list("order__coi", "code", "stage", "severity")
    return [*orders, *runs, *flags]


def seeded_content() -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    try:
        with transaction.atomic():
            write_demo(seed=3, orders=12, now=NOW)
            found = content()
            raise RollBack
    except RollBack:
        return found


def test_the_same_seed_and_moment_write_the_same_rows():
    first = seeded_content()
    assert len(first) > 150
    assert seeded_content() == first


@pytest.fixture
def in_demo_mode(settings: Any) -> None:
    settings.DEMO = True


@pytest.mark.usefixtures("in_demo_mode")
def test_the_command_fills_an_empty_database_once_and_shows_the_logins(tmp_path: Path, capsys):
    path = tmp_path / "run" / "demo-sources.json"
    call_command("seed_demo", "--orders", "20", "--seed", "1", "--show-logins", "--credentials", str(path))
    said = capsys.readouterr().out
    assert "Demo data: 20 orders" in said
    assert f"password {DEMO_PASSWORD}" in said
    assert path.stat().st_mode & 0o777 == 0o600
    assert sorted(json.loads(path.read_text())) == sorted(source.code for source in SOURCES)

    call_command("seed_demo", "--if-empty", "--show-logins", "--credentials", str(path))
    assert "Demo logins" in capsys.readouterr().out
    assert PatientOrder.objects.count() == 20
    with pytest.raises(CommandError, match="data already"):
        call_command("seed_demo", "--credentials", str(path))


@pytest.mark.usefixtures("in_demo_mode")
def test_lost_credentials_are_made_anew_and_good_ones_kept(tmp_path: Path):
    path = tmp_path / "demo-sources.json"
    call_command("seed_demo", "--orders", "5", "--credentials", str(path))
    first = read_credentials(path)
    assert (ensure_credentials(path), read_credentials(path)) == (False, first)

    path.write_text("{not json")
    assert ensure_credentials(path) is True
    second = read_credentials(path)
    assert {code: one["client_id"] for code, one in second.items()} == {
        code: one["client_id"] for code, one in first.items()
    }
    assert all(second[code]["client_secret"] != first[code]["client_secret"] for code in first)


def test_outside_demo_mode_nothing_is_made(settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="CELLOPS_DEMO=1"):
        call_command("seed_demo", "--orders", "5")
    assert (User.objects.count(), Site.objects.count()) == (0, 0)
