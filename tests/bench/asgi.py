"""CellOps as an ASGI application for the comparison of servers: Django wants no kept connections under ASGI."""

from django.conf import settings
from django.core.asgi import get_asgi_application

# The settings are read by now, the connections made from them not yet.
settings.DATABASES["default"]["CONN_MAX_AGE"] = 0
application = get_asgi_application()
