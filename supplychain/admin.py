"""The administration of master data. Django finds it here and every page registers itself at `site.master_data`."""

from supplychain.administration.site import master_data
from supplychain.chain import admin as checks
from supplychain.custody import admin as links
from supplychain.flows.admin import flows, products
from supplychain.orders import admin as events
from supplychain.people import admin as people
from supplychain.sites import admin as sites
from supplychain.systems import admin as sources

__all__ = ["checks", "events", "flows", "links", "master_data", "people", "products", "sites", "sources"]
