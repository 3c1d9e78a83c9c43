"""Machines that lose each other for a while: nothing is lost, nothing doubled, nobody waits for ever."""

import os
import signal
import subprocess
import sys

import pytest

from tests.cellops.networks import OWN, why_not
from tests.system import ROOT

pytestmark = [pytest.mark.long, pytest.mark.slow]
# Far more than it takes: a machine as slow as this has another fault.
MOST_SECONDS = 1200


def test_web_and_workers_that_lose_the_database_for_a_while_lose_nothing_else(service_folder):
    if reason := why_not():
        pytest.skip(reason)
    script = [*OWN, sys.executable, "-m", "tests.cellops.apart", str(service_folder.path)]
    log = service_folder.log("apart")
    with log.open("ab") as output:
        process = subprocess.Popen(script, cwd=ROOT, stdout=output, stderr=output, start_new_session=True)
    try:
        status = process.wait(MOST_SECONDS)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    assert status == 0, log.read_text()[-10_000:]
