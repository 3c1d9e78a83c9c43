"""On what the figures were measured."""

import os
import platform
import subprocess
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import psutil
import redis

from tests.bench.databases import execute

PACKAGES = ("Django", "djangorestframework", "granian", "psycopg2-binary", "celery", "msgspec")
POSTGRES_SETTINGS = ("server_version", "fsync", "synchronous_commit", "full_page_writes", "shared_buffers")


def machine_facts(database: str, folder: Path) -> dict[str, Any]:
    """The machine, the versions and what else was going on when the run began."""
    valkey = redis.Redis.from_url(os.environ["REDIS_URL"]).info("server")
    postgres = {name: execute(database, f"SHOW {name}")[0][0] for name in POSTGRES_SETTINGS}
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "processor": processor(),
        "processors": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}",
        "load_before": round(os.getloadavg()[0], 2),
        "disk_sync_ms": round(disk_sync_ms(folder), 2),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "postgres": postgres,
        "valkey": valkey.get("valkey_version") or valkey.get("redis_version"),
    }


def said(facts: dict[str, Any]) -> str:
    """The facts in a few lines."""
    packages = ", ".join(f"{name} {number}" for name, number in facts["packages"].items())
    settings = ", ".join(f"{name} {value}" for name, value in facts["postgres"].items() if name != "server_version")
    return (
        f"{facts['processors']} × {facts['processor']}, {facts['memory_gib']} GiB, {facts['system']}, "
        f"load {facts['load_before']} before the run, one disk sync {facts['disk_sync_ms']} ms\n"
        f"Python {facts['python']}, {packages}\n"
        f"PostgreSQL {facts['postgres']['server_version']} ({settings}), Valkey {facts['valkey']}"
    )


def in_one_line(facts: dict[str, Any]) -> str:
    """The facts that a figure cannot be read without."""
    return (
        f"Measured on {facts['measured_at'][:10]} at commit {facts['commit']}: {facts['processors']} × "
        f"{facts['processor']}, {facts['memory_gib']} GiB, load {facts['load_before']} before the run, one disk sync "
        f"{facts['disk_sync_ms']} ms, Python {facts['python']}, PostgreSQL {facts['postgres']['server_version']}."
    )


def commit() -> str:
    """The commit that was measured, and whether files differed from it."""
    command = ["git", "describe", "--always", "--abbrev=9", "--dirty= with changes"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def processor() -> str:
    """The processor's name as the system knows it."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def disk_sync_ms(folder: Path, times: int = 30) -> float:
    """Median milliseconds to write 8 KiB and have them on the disk: the floor under every single commit."""
    folder.mkdir(parents=True, exist_ok=True)
    path, seconds = folder / "sync-probe", []
    with path.open("wb", buffering=0) as file:
        for _ in range(times):
            start = time.perf_counter()
            file.write(bytes(8192))
            os.fsync(file.fileno())
            seconds.append(time.perf_counter() - start)
    path.unlink()
    return median(seconds) * 1000
