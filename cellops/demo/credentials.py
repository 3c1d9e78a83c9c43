"""What the demo's systems sign in with: kept in a file that only its owner reads, since the database keeps hashes."""

import json
import os
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from oauth2_provider.models import get_application_model

from cellops.demo.sites import SOURCES
from supplychain.systems.actions import SourceCredentials, rotate_secret
from supplychain.systems.models import SourceSystem

Credentials = dict[str, dict[str, str]]


def credentials_path() -> Path:
    """Where the credentials are kept."""
    return settings.VAR_DIR / "run" / "demo-sources.json"


def read_credentials(path: Path) -> Credentials:
    """Client id and secret by source code; empty if there is no such file or it cannot be read."""
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return {}


def write_credentials(path: Path, credentials: Iterable[SourceCredentials]) -> None:
    """Keep the credentials, whole or not at all."""
    kept = {one.source.code: {"client_id": one.client_id, "client_secret": one.client_secret} for one in credentials}
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(kept, file, indent=2)
    draft.replace(path)


def ensure_credentials(path: Path) -> bool:
    """Give the demo's sources new secrets where the file is lost or belongs to another database; True if it did."""
    sources = list(SourceSystem.objects.filter(code__in=[source.code for source in SOURCES], is_active=True))
    client_ids = get_application_model().objects.filter(source_system__in=sources).values_list("client_id", flat=True)
    kept = {one.get("client_id") for one in read_credentials(path).values()}
    if kept.issuperset(client_ids):
        return False
    write_credentials(path, [rotate_secret(source, by=None) for source in sources])
    return True
