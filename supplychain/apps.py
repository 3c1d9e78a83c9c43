from django.apps import AppConfig


class SupplychainConfig(AppConfig):
    """The patient's chain: people, sites, flows, orders, events, custody."""

    name = "supplychain"
    verbose_name = "Supply chain"

    def ready(self) -> None:
        """Listen to what people do to get in."""
        from supplychain.sign_in import records  # noqa: F401 - its receivers need the app registry
