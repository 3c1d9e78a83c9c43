"""An inspector changes nothing: every address that takes a POST refuses them, but for what is theirs alone."""

import pytest
from django.test import Client

from batches.flags.models import Flag, FlagChange
from batches.notifications.models import HandOver
from batches.ramp_ups.models import Scenario
from supplychain.chain.models import IdentityCheck
from supplychain.orders.models import PatientOrder, StatusEvent
from supplychain.people.models import Membership
from supplychain.people.statuses import Role
from supplychain.sites.models import Site
from tests.cellops.test_every_url import NAMES, addresses
from tests.supplychain.builders import make_user

__all__ = ["addresses"]
pytestmark = pytest.mark.django_db
RECORDS = (IdentityCheck, StatusEvent, PatientOrder, Flag, FlagChange, HandOver, Scenario, Membership, Site)
REFUSED = {400, 403, 404, 405, 409, 415, 422}
# No record of anything: their way in, how pages look, and the views of the order list that they keep for themselves.
THEIRS = {"save_view", "stay_signed_in", "usersessions_list"}
# The page of scans shows what may be recorded, here nothing; a seal is checked, not set; a report is a copy.
ASKED = {"operations", "verify_seal", "make_chain_report"}
SIGN_IN = ("account_", "mfa_", "login", "logout", "oauth_", "openid_", "single_", "socialaccount_")
ACTS = ("acknowledge_flag", "take_on_flag", "assign_flag", "settle_flag", "resolve_flag", "report_event")
SAID = {"name": "Mine", "query": "q=1", "comment": "Seen.", "reason": "r", "go": "place", "text": "t"}


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith(SIGN_IN)])
def test_every_post_of_an_inspector_is_refused(addresses, name):
    client = Client()
    client.force_login(make_user("inspector", *Site.objects.all(), role=Role.INSPECTOR))
    before = [list(model.objects.order_by("pk").values()) for model in RECORDS]
    kind = {"content_type": "application/json"} if name.startswith("api_") else {}
    answer = client.post(addresses[name], SAID, **kind)
    assert answer.status_code in REFUSED or name in THEIRS | ASKED
    assert [list(model.objects.order_by("pk").values()) for model in RECORDS] == before


def test_an_inspector_keeps_views_of_their_own(addresses):
    inspector = make_user("inspector", *Site.objects.all(), role=Role.INSPECTOR)
    client = Client()
    client.force_login(inspector)
    client.post(addresses["save_view"], {"name": "Mine", "query": "q=1"})
    assert list(inspector.saved_views.values_list("name", flat=True)) == ["Mine"]


@pytest.mark.parametrize("page", ["control_tower", "order", "site", "orders", "inbox"])
def test_no_page_offers_an_inspector_what_would_be_refused(addresses, page):
    sites, client = Site.objects.all(), Client()
    client.force_login(make_user("inspector", *sites, role=Role.INSPECTOR))
    text = client.get(addresses[page]).text
    assert [name for name in ACTS if addresses[name] in text] == []
    client.force_login(make_user("actor", *sites, role=Role.SITE_COORDINATOR))
    if page in ("control_tower", "order"):
        assert addresses["acknowledge_flag"] in client.get(addresses[page]).text
