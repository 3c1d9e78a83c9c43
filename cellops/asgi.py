"""The live stream as an ASGI application, in a process of its own (docs/adr/0002)."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cellops.settings")
django.setup()

# What it imports needs Django set up.
from dashboards.live.server import application  # noqa: E402

__all__ = ["application"]
