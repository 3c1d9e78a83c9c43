from django.apps import AppConfig


class BatchesConfig(AppConfig):
    """Manufacturing and the judgement: batches, pools, flags, bottlenecks, forecasts."""

    name = "batches"

    def ready(self) -> None:
        """Connect the receivers of the themes; they need the app registry."""
        from batches import (  # noqa: F401
            forecast_receivers,
            judgement_receivers,
            line_receivers,
            manufacturing_receivers,
            notification_receivers,
        )
