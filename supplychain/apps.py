from django.apps import AppConfig


class SupplychainConfig(AppConfig):
    """The patient's chain: people, sites, flows, orders, events, custody."""

    name = "supplychain"
    verbose_name = "Supply chain"
