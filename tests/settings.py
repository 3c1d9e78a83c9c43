"""The product's settings for tests: cheap password hashes, and databases copied from one that is migrated already."""

import os

from cellops.settings import *  # noqa: F403
from cellops.settings import DATABASES

# The real hash costs a third of a second on purpose; nobody here tries to guess a password.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
if template := os.environ.get("TEST_TEMPLATE"):
    DATABASES["default"]["TEST"] = {"TEMPLATE": template}
# A test keeps its transaction open while it computes, on a busy machine for long.
DATABASES["default"]["OPTIONS"]["options"] += " -c idle_in_transaction_session_timeout=0"
