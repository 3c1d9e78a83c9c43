"""Has this program watched by a process of its own (watchdog.py)."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from cellops.services.processes import die_with_parent


def watch_over_me(sign: Path, most: float) -> None:
    """Start a watchdog for this process. It is in a session of its own, so that what stops us does not stop it."""
    command = [sys.executable, "-m", "cellops.services.watchdog", sign, str(most), str(os.getpid())]
    subprocess.Popen(command, start_new_session=True, preexec_fn=die_with_parent(signal.SIGKILL))
