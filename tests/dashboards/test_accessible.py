"""Every page on a desk, light, and on a phone, dark: everybody can use it, the browser has nothing to complain of."""

import pytest

from tests.dashboards.accessible import AXE, LOOK, demo, troubles_of_every_page

__all__ = ["demo"]
pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.django_db(transaction=True)]


def test_every_page_is_accessible_and_quiet_and_fits(demo, system, chromium):
    troubles = [
        *troubles_of_every_page(system, chromium, width=360, scheme="dark"),
        *troubles_of_every_page(system, chromium, width=1440, scheme="light"),
    ]
    assert not troubles, "\n".join(troubles)


def test_what_is_wrong_with_a_page_is_told(chromium):
    page = chromium.new_page()
    page.set_content("<html lang='en'><title>A page</title><main><h1>A page</h1><img id='bare' src='x'></main>")
    page.evaluate(AXE.read_text())
    assert page.evaluate(LOOK) == ["image-alt (critical): Images must have alternative text at #bare"]
    page.close()
