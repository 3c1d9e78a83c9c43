"""Finds a Chromium for the browser tests; `python -m tests.browser` installs one where it may.

Browser tests call `launch_arguments()`; where there is no browser they are skipped, and in CI that is a failure.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
INSTALL_SECONDS = 600


def find_chromium() -> Path | None:
    """Return a Chromium: the one in the variable CHROMIUM, on the path, or Playwright's own."""
    named = [os.environ["CHROMIUM"]] if os.environ.get("CHROMIUM") else []
    for name in (*named, *NAMES):
        if path := shutil.which(name):
            return Path(path)
    return _playwrights_own()


def _playwrights_own() -> Path | None:
    script = "from playwright.sync_api import sync_playwright as p\nwith p() as it: print(it.chromium.executable_path)"
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    path = Path(answer.stdout.strip())
    return path if answer.stdout.strip() and path.is_file() else None


def install_chromium() -> Path | None:
    """Try to install a Chromium; root on Debian asks the system, everybody else asks Playwright."""
    for command in _installers():
        print(f"No Chromium found; trying: {' '.join(command)}", flush=True)
        if _succeeds(command) and (found := find_chromium()):
            return found
    return None


def _installers() -> list[list[str]]:
    playwright = [sys.executable, "-m", "playwright", "install", "chromium"]
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return [playwright]
    # The system's package first: it brings the libraries that Playwright's own browser lacks on a bare machine.
    packages = [
        "apt-get",
        "-o",
        "DPkg::Lock::Timeout=300",
        "install",
        "--yes",
        "--no-install-recommends",
        "chromium",
        "fonts-dejavu-core",
    ]
    return [["sh", "-c", 'apt-get update && exec "$@"', "sh", *packages], playwright]


def _succeeds(command: list[str]) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=INSTALL_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"  failed: {error}", flush=True)
        return False
    if done.returncode:
        print(f"  failed: {(done.stderr or done.stdout).decode(errors='replace')[-400:].strip()}", flush=True)
    return done.returncode == 0


def launch_arguments() -> dict[str, Any]:
    """Return Playwright's launch arguments for the browser that was found; skips the test, or fails it in CI."""
    if (path := find_chromium()) is None:
        reason = "no Chromium on this machine: install one, or name one in the variable CHROMIUM"
        pytest.fail(reason) if in_ci() else pytest.skip(reason)
    # Chromium's sandbox refuses to run as root, and needs more shared memory than containers give.
    arguments = ["--disable-dev-shm-usage", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    return {"executable_path": str(path), "args": arguments}


def in_ci() -> bool:
    """Tell whether this is continuous integration, where a skipped browser test is a failure."""
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Make pytest-playwright use the browser that was found; import this fixture in `conftest.py`."""
    return {**browser_type_launch_args, **launch_arguments()}


if __name__ == "__main__":
    if not (find_chromium() or install_chromium()):
        print("Browser tests will be skipped: there is no Chromium and none could be installed.", flush=True)
        sys.exit(1 if in_ci() else 0)
