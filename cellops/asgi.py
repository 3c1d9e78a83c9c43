"""The live stream as an ASGI application, in a process of its own (docs/adr/0002)."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cellops.settings")
application = get_asgi_application()
