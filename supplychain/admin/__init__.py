"""The administration of master data. Django finds it here and every page registers itself at `site.master_data`."""

from supplychain.admin import events, flows, people, products, sites, sources
from supplychain.admin.site import master_data

__all__ = ["events", "flows", "master_data", "people", "products", "sites", "sources"]
