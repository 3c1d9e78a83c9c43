from django.apps import AppConfig


class DashboardsConfig(AppConfig):
    """Reads all, writes nothing: control tower, order page, live stream."""

    name = "dashboards"
