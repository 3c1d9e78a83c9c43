from importlib import import_module

from django.apps import AppConfig


class BatchesConfig(AppConfig):
    """Manufacturing and the judgement: batches, pools, flags, bottlenecks, forecasts."""

    name = "batches"

    def ready(self) -> None:
        """Connect the receivers of the themes; they need the app registry."""
        for theme in ("manufacturing", "judgement", "lines", "forecasts", "flags", "notifications"):
            import_module(f"{self.name}.{theme}.receivers")
