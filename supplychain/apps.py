from django.apps import AppConfig


class SupplychainConfig(AppConfig):
    """The patient's chain: people, sites, flows, orders, events, custody."""

    name = "supplychain"
    verbose_name = "Supply chain"

    def ready(self) -> None:
        """Connect the receivers of the themes; they need the app registry."""
        from supplychain import order_receivers, transport_receivers  # noqa: F401
        from supplychain.sign_in import records  # noqa: F401
