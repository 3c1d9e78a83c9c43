"""`manage.py live_demo`: lets the demo's open orders go on, through REST."""

import logging
import os
import signal
import threading
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from cellops.demo.credentials import Credentials, credentials_path, read_credentials
from cellops.demo.facts import FlowPath
from cellops.demo.flows import checked_flows
from cellops.demo.live.client import Api, CredentialsRefused, Stopped
from cellops.demo.live.theatre import Theatre

log = logging.getLogger(__name__)

USUAL_SPEED = 0.1
FASTEST = 600.0
TICK_SECONDS = 1.0
# After a longer silence of the web the play goes on where it stopped, not where it would be by now.
LONGEST_STEP = timedelta(seconds=2)
PATIENCE_SECONDS = 10.0

EXPLANATION = """Plays hospitals, couriers, plants and laboratory through REST, as programs of their own would: it signs
in with the demo's credentials (written by seed_demo), reads the open orders and lets each go on from where it stands,
places new orders now and then, and lets some fail, be held or be forgotten.

Work is shortened, or little would be seen: at the usual speed, six times that of a clock, something moves every other
minute and the board stays believable for days; with --speed 4 something moves every few seconds. What is reported
always carries the real moment, never one to come, so real durations shrink while it runs, and with them, sooner or
later, the medians that forecasts rest on. Reports say that their short durations are meant. Seed anew to have the
believable past back.

Safe to stop (Ctrl-C) and start at any time; while the web is away it waits."""


class Command(BaseCommand):
    """Reads the options, runs the play until stopped. Touches no database."""

    help = EXPLANATION
    requires_system_checks = ()

    def create_parser(self, *arguments: Any, **options: Any) -> ArgumentParser:
        """Keep the paragraphs of the explanation."""
        return super().create_parser(*arguments, formatter_class=RawDescriptionHelpFormatter, **options)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        port = os.environ.get("CELLOPS_WEB_PORT", "8000")
        parser.add_argument("--address", default=f"http://127.0.0.1:{port}", help="of the web (%(default)s)")
        parser.add_argument(
            "--speed", type=float, default=USUAL_SPEED, help="hours of play a real minute (%(default)s)"
        )
        parser.add_argument("--seed", type=int, default=0, help="another number, another play (0: by the clock)")
        parser.add_argument("--credentials", type=Path, help="file written by seed_demo (var/run/demo-sources.json)")
        parser.add_argument(
            "--for", dest="seconds", type=float, default=0, help="stop after so many seconds (0: never)"
        )

    def handle(self, *, address: str, speed: float, seed: int, seconds: float, **options: Any) -> None:
        """Play until asked to stop (SIGINT, SIGTERM)."""
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        path = options["credentials"] or credentials_path()
        speed = min(max(speed, 0.01), FASTEST)
        until = time.monotonic() + seconds if seconds else float("inf")
        while not stop.is_set() and time.monotonic() < until:
            credentials = read_credentials(path)
            try:
                if credentials:
                    play(Api(address, credentials, stop.wait), stop, speed=speed, seed=seed, until=until)
                else:
                    log.warning("There is no demo to play (%s is missing); waiting for manage.py seed_demo.", path)
            except Stopped:
                break
            except CredentialsRefused as refusal:
                log.warning("%s", refusal)
            stop.wait(PATIENCE_SECONDS if time.monotonic() < until else 0)
        self.stdout.write("The live demo has stopped.")


def play(api: Api, stop: threading.Event, *, speed: float, seed: int, until: float) -> int:
    """Play until `stop` or the monotonic moment `until`; returns how many reports were sent."""
    now = timezone.now()
    theatre = Theatre(api, _paths(), speed=speed, seed=seed or int(now.timestamp()), now=now)
    log.info("%d orders go on, %g hours of play a minute.", theatre.begin(now), speed)
    sent, last = 0, timezone.now()
    while not stop.wait(TICK_SECONDS) and time.monotonic() < until:
        now = timezone.now()
        elapsed = min(max(now - last, timedelta(0)), LONGEST_STEP)
        last = now
        sent += theatre.tick(now, elapsed)
    return sent


def _paths() -> dict[str, FlowPath]:
    return {code: FlowPath.of(flow) for code, flow in checked_flows().items()}


__all__ = ["Command", "Credentials", "play"]
