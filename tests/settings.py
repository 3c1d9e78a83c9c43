"""The product's settings with a cheap password hash: the real one costs a third of a second on purpose."""

from cellops.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
