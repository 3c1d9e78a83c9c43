from importlib import import_module

from django.apps import AppConfig


class SupplychainConfig(AppConfig):
    """The patient's chain: people, sites, flows, orders, events, transport."""

    name = "supplychain"
    verbose_name = "Supply chain"

    def ready(self) -> None:
        """Connect the receivers of the themes; they need the app registry."""
        modules = ("orders", "chain", "transport", "materials", "labels", "custody", "conditions")
        for module in (*(f"{theme}.receivers" for theme in modules), "sign_in.records", "sign_in.told"):
            import_module(f"{self.name}.{module}")
