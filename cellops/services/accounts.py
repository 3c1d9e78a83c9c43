"""The unprivileged system account that PostgreSQL needs when root starts it: the server refuses to run as root."""

import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NAME = "cellops-postgres"


@dataclass(frozen=True)
class Account:
    """A system account, by number."""

    uid: int
    gid: int

    def as_popen_arguments(self) -> dict[str, Any]:
        """Return what makes subprocess run a program as this account and with no other group."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def may_enter(self, folder: Path) -> bool:
        """Tell whether the account may pass through every folder down to and including this one."""
        return all(self._may_pass(step) for step in (folder, *folder.parents))

    def _may_pass(self, folder: Path) -> bool:
        facts = folder.stat()
        if facts.st_uid == self.uid:
            return bool(facts.st_mode & stat.S_IXUSR)
        if facts.st_gid == self.gid:
            return bool(facts.st_mode & stat.S_IXGRP)
        return bool(facts.st_mode & stat.S_IXOTH)

    def own(self, path: Path) -> None:
        """Give a file, or a folder with all that is in it, to the account."""
        os.chown(path, self.uid, self.gid, follow_symlinks=False)
        for folder, folders, files in os.walk(path):
            for name in (*folders, *files):
                os.chown(Path(folder) / name, self.uid, self.gid, follow_symlinks=False)


def owner_of(path: Path) -> Account | None:
    """Return the account that existing data belong to; None when there are none, or they are root's."""
    if not path.exists():
        return None
    facts = path.stat()
    return Account(facts.st_uid, facts.st_gid) if facts.st_uid else None


def server_account() -> Account:
    """Return the account made for PostgreSQL, or `nobody` on a machine that lets us make none."""
    for name in (NAME, "nobody"):
        if name == NAME and not _exists(name):
            _make()
        if _exists(name):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_uid, entry.pw_gid)
    raise LookupError("This machine has no account that PostgreSQL can run as.")


def _exists(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _make() -> None:
    if program := shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin"):
        options = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
        command = [program, *options, "--shell", "/usr/sbin/nologin", NAME]
        subprocess.run(command, check=False, capture_output=True)
