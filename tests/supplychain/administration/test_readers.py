"""QA and inspectors read the master data, its audit trail and the records of their sites, and change nothing there."""

import pytest
from django.urls import reverse

from supplychain.chain.actions.identity import check_identity
from supplychain.chain.statuses import CheckPlace
from supplychain.custody.models import HandOverLink
from supplychain.custody.statuses import LinkEnd
from supplychain.people.models import Membership, User
from supplychain.people.statuses import Role
from supplychain.sites.models import Site
from tests.supplychain.administration.forms import WHY, AdminWorld, address, browser, change
from tests.supplychain.builders import at, make_user

pytestmark = pytest.mark.django_db

TABLES = ("site", "user", "membership", "product", "flow", "sourcesystem", "statusevent", "identitycheck",
          "handoverlink")  # fmt: skip


@pytest.fixture
def world() -> AdminWorld:
    return AdminWorld()


@pytest.mark.parametrize("role", [Role.QA, Role.INSPECTOR])
def test_they_read_every_table_and_may_add_change_and_delete_nothing(world, role):
    reader = browser(make_user("reader", world.oslo, role=role))
    assert reader.get(reverse("admin:index")).status_code == 200
    for table in TABLES:
        answer = reader.get(address(f"supplychain_{table}", "changelist"))
        assert answer.status_code == 200
        if table != "product":  # its page to add leads on to that of a flow
            assert reader.get(address(f"supplychain_{table}", "add")).status_code == 403
    values = {"name": "Mine", "time_zone": "Europe/Oslo", "is_active": "on", "reason": WHY, "seen": ""}
    for page in ("change", "delete"):
        assert reader.post(address("supplychain_site", page, world.oslo), values).status_code == 403
        role_here = Membership.objects.get(user=world.local)
        assert reader.post(address("supplychain_membership", page, role_here), {"reason": WHY}).status_code == 403
    assert Site.objects.get(pk=world.oslo.pk).name == "Oslo"


def test_they_see_nothing_of_other_sites(world):
    reader = browser(make_user("reader", world.oslo, role=Role.INSPECTOR))
    make_user("stranger", world.bergen)
    nobody_yet = User.objects.create_user("new", email="new@example.org")
    page = reader.get(address("supplychain_user", "changelist")).content.decode()
    assert "local" in page
    assert "stranger" not in page
    assert reader.get(address("supplychain_user", "change", nobody_yet)).status_code == 404
    assert reader.get(address("supplychain_site", "change", world.bergen)).status_code == 404


def test_the_audit_trail_is_theirs_to_read(world):
    change(browser(world.boss), address("supplychain_site", "change", world.oslo), name="Oslo University Hospital")
    change(browser(world.boss), address("supplychain_site", "change", world.bergen), name="Haukeland")
    reader = browser(make_user("reader", world.oslo, role=Role.INSPECTOR))
    page = reader.get(reverse("admin:audit_trail")).content.decode()
    assert "Oslo University Hospital" in page
    assert WHY in page
    assert "Haukeland" not in page
    assert "Oslo University Hospital" in b"".join(reader.get(reverse("admin:audit_trail"), {"format": "csv"})).decode()


def test_an_administrator_who_is_qa_elsewhere_changes_nothing_there(world):
    Membership.objects.create(user=world.local, site=world.bergen, role=Role.QA)
    local = browser(User.objects.get(pk=world.local.pk))
    assert local.get(address("supplychain_site", "change", world.bergen)).status_code == 200
    assert local.post(address("supplychain_site", "change", world.bergen), {"name": "Mine"}).status_code == 403
    elsewhere = Membership.objects.get(user=world.boss, site=world.bergen)
    assert local.post(address("supplychain_membership", "delete", elsewhere), {"reason": WHY}).status_code == 403
    values = {"person": "boss", "role": "qa", "sites": [world.bergen.pk], "reason": WHY}
    assert local.post(address("supplychain_membership", "add"), values).status_code == 200
    assert not Membership.objects.filter(user=world.boss, role=Role.QA).exists()


def test_an_inspector_reads_orders_and_reports_nothing(world):
    inspector = browser(make_user("inspector", *Site.objects.all(), role=Role.INSPECTOR))
    order = world.order()
    assert inspector.get(reverse("order", args=[order.pk])).status_code == 200
    assert inspector.get("/api/v1/orders/").status_code == 200
    answer = inspector.post(
        "/api/v1/events/",
        {"order": order.coi, "kind": "note", "occurred_at": "2026-11-01T10:00:00Z", "source_event_id": "1"},
        content_type="application/json",
    )
    assert answer.status_code == 403


def test_what_a_new_site_and_a_new_role_are_is_asked_for(world):
    boss = browser(world.boss)
    for table, field in (("site", "time_zone"), ("user", "role")):
        form = boss.get(address(f"supplychain_{table}", "add")).context["adminform"].form
        assert form[field].value() in (None, "")
        assert next(iter(form.fields[field].choices))[0] == ""


def test_identity_checks_and_drivers_links_are_those_of_their_orders(world):
    order = world.order()
    check_identity(order.pk, read="CO-NOBODY", by=world.reporter, place=CheckPlace.REST, client_id="one", now=at(2))
    HandOverLink.objects.create(
        order=order, stage="inbound", attempt=1, end=LinkEnd.PICKUP, token_hash="0", made_by=world.boss, made_at=at(1),
        expires_at=at(9),
    )  # fmt: skip
    for table in ("supplychain_identitycheck", "supplychain_handoverlink"):
        for site, seen in ((world.oslo, 1), (world.bergen, 0)):
            reader = browser(make_user(f"{table}-{site.code}", site, role=Role.INSPECTOR))
            shown = reader.get(address(table, "changelist")).context["cl"].result_list
            assert len(shown) == seen, (table, site)
        row = browser(world.boss).get(address(table, "changelist")).context["cl"].result_list[0]
        page = browser(world.boss).get(address(table, "change", row))
        assert page.status_code == 200
        assert "token_hash" not in page.text
