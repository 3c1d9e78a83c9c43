from django.apps import AppConfig


class BatchesConfig(AppConfig):
    """Manufacturing and the judgement: batches, pools, flags, bottlenecks, forecasts."""

    name = "batches"

    def ready(self) -> None:
        """Listen to the floor below."""
        from batches import receivers  # noqa: F401 - connecting needs the app registry
