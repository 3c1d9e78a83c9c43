"""The configuration of the proxy, as docker-compose.yml holds it."""

import yaml

from tests.system import ROOT


def caddyfile(*, site: str) -> str:
    """It for this site's address."""
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return compose["configs"]["proxy"]["content"].replace("${SITE_HOST}", site)
