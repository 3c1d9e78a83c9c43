"""The Django app of the baseline."""

from django.apps import AppConfig


class BareConfig(AppConfig):
    """Registers the two tables."""

    name = "tests.bench.bare"
    label = "bare"
