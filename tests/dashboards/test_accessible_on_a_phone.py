"""Every page on a phone, dark: everybody can use it, the browser has nothing to complain of."""

import pytest

from tests.dashboards.accessible import demo, troubles_of_every_page

__all__ = ["demo"]
pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.django_db(transaction=True)]


def test_every_page_is_accessible_and_quiet_and_fits(demo, system, chromium):
    troubles = troubles_of_every_page(system, chromium, width=360, scheme="dark")
    assert not troubles, "\n".join(troubles)
