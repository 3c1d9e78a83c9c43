from django.apps import AppConfig


class CellopsConfig(AppConfig):
    """Wiring: settings checks and commands."""

    name = "cellops"

    def ready(self) -> None:
        """Register the checks of the settings."""
        from cellops import checks  # noqa: F401 - registering needs the app registry
