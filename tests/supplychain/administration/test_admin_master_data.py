"""The administration: who may enter, how far rights reach, and what is asked, kept and refused."""

import csv
from io import StringIO

import pytest
from django.test import Client
from django.urls import reverse

from supplychain.administration import trail
from supplychain.audit.refusals import Refused
from supplychain.audit.trails import read_trail, trail_of
from supplychain.flows.models import Product
from supplychain.people.models import Membership, User
from supplychain.people.statuses import Role
from supplychain.reasons import TOO_SHORT
from supplychain.sites.actions import change_site
from supplychain.sites.models import Site
from tests.supplychain.administration.forms import WHY, address, browser, change, said, shown
from tests.supplychain.builders import make_site, make_user

pytestmark = pytest.mark.django_db


def test_administrators_and_superusers_enter_and_staff_without_a_role_do_not(world):
    superuser = User.objects.create_superuser("root")
    staff = User.objects.create_user("staff", is_staff=True)
    answers = [browser(user).get(reverse("admin:index")).status_code for user in (world.local, superuser, staff)]
    assert answers == [200, 200, 403]


def test_an_administrator_who_is_switched_off_is_sent_to_the_login(world, boss):
    User.objects.filter(pk=world.boss.pk).update(is_active=False)
    assert boss.get(reverse("admin:index")).headers["Location"].startswith(reverse("login"))


def test_a_site_is_added_and_its_maker_administers_it(world, boss):
    values = {"code": "tromso", "name": "Tromsø", "kind": "treatment_centre", "time_zone": "Europe/Oslo"}
    answer = boss.post(address("supplychain_site", "add"), values | {"reason": WHY})
    assert answer.status_code == 302
    site = Site.objects.get(code="tromso")
    assert (site.name, site.time_zone, site.is_active) == ("Tromsø", "Europe/Oslo", True)
    assert Membership.objects.filter(site=site).values_list("user__username", "role").get() == ("boss", "administrator")
    made = trail_of(site, size=1)[0]
    assert (made.kind, made.who, made.action, made.reason) == ("Added", "boss", "create site", WHY)


def test_a_site_is_refused_with_the_reason_at_the_field(world, boss):
    values = {"code": "oslo", "name": "", "kind": "treatment_centre", "time_zone": "Europe/Oslo", "reason": " "}
    assert said(boss.post(address("supplychain_site", "add"), values)) == {
        "code": ["There is one with this Code already: use another, or open that one."],
        "name": ["“Name” is missing: enter it."],
        "reason": ["“Reason for the change” is missing: enter it."],
    }


@pytest.mark.parametrize("reason", ["r", "ok", "- - - -"])
def test_a_letter_is_no_reason_for_a_change(world, boss, reason):
    edit = change(boss, address("supplychain_site", "change", world.oslo), name="Elsewhere", reason=reason)
    assert said(edit) == {"reason": [TOO_SHORT]}
    world.oslo.refresh_from_db()
    assert world.oslo.name == "Oslo"
    with pytest.raises(Refused, match=TOO_SHORT):
        change_site(world.oslo, name="Elsewhere", time_zone="UTC", is_active=True, reason=reason, by=None)
    deletion = address("supplychain_site", "delete", make_site("mistyped"))
    root = browser(User.objects.create_superuser("root"))
    assert TOO_SHORT in root.post(deletion, {"post": "yes", "reason": reason}, follow=True).text


def test_a_change_keeps_who_when_old_new_and_why(world, boss):
    answer = change(boss, address("supplychain_site", "change", world.oslo), name="Oslo University Hospital")
    assert answer.status_code == 302
    newest = trail_of(world.oslo, size=1)[0]
    assert (newest.kind, newest.who, newest.reason) == ("Changed", "boss", WHY)
    assert [(d.field, d.old, d.new) for d in newest.differences] == [("name", "Oslo", "Oslo University Hospital")]
    page = boss.get(address("supplychain_site", "history", world.oslo)).content.decode()
    assert "<del>Oslo</del>" in page
    assert "<ins>Oslo University Hospital</ins>" in page
    assert WHY in page


def test_what_lasts_is_not_changed_by_a_forged_form(world, boss):
    change(boss, address("supplychain_site", "change", world.oslo), code="forged", kind="plant", name="Oslo 2")
    world.oslo.refresh_from_db()
    assert (world.oslo.code, world.oslo.kind, world.oslo.name) == ("oslo", "treatment_centre", "Oslo 2")


def test_a_site_with_open_orders_stays_on(world, boss):
    world.order()
    answer = change(boss, address("supplychain_site", "change", world.oslo), is_active=False)
    assert said(answer) == {
        "is_active": ["1 open order still takes place here; switch the site off when they have ended."]
    }
    world.oslo.refresh_from_db()
    assert world.oslo.is_active


def test_a_concurrent_change_is_not_overwritten_in_silence(world, boss):
    url = address("supplychain_site", "change", world.bergen)
    mine = shown(boss, url) | {"name": "Mine", "reason": WHY}
    other = browser(make_user("other", world.plant, world.bergen, role=Role.ADMINISTRATOR))
    change(other, url, name="Theirs", time_zone="Europe/Oslo")

    answer = boss.post(url, mine)
    text = said(answer)["__all__"][0]
    assert text.startswith("other changed this at ")
    assert "Now Name is “Theirs”; Time zone is “Europe/Oslo”." in text
    world.bergen.refresh_from_db()
    assert world.bergen.name == "Theirs"
    # Who has read it may save again, on purpose.
    again = answer.context["adminform"].form
    assert boss.post(url, mine | {"seen": again["seen"].value()}).status_code == 302
    world.bergen.refresh_from_db()
    assert (world.bergen.name, world.bergen.time_zone) == ("Mine", "UTC")


def test_a_form_that_tells_nothing_of_what_was_seen_changes_nothing(world, boss):
    values = {"name": "Blind", "time_zone": "UTC", "is_active": "on", "reason": WHY}
    assert "__all__" in said(boss.post(address("supplychain_site", "change", world.oslo), values))


def test_what_has_been_used_is_not_deleted_and_the_page_says_why(world, boss):
    url = address("supplychain_site", "delete", world.oslo)
    page = boss.get(url)
    assert page.context["protected"] == ["roles", "systems"]
    assert "cannot be deleted" in page.content.decode()
    assert boss.post(url, {"post": "yes", "reason": WHY}).status_code == 200
    assert Site.objects.filter(pk=world.oslo.pk).exists()


def test_a_mistyped_site_is_deleted_with_its_reason(world):
    root = browser(User.objects.create_superuser("root"))
    site = make_site("mistyped")
    url = address("supplychain_site", "delete", site)
    assert root.post(url, {"post": "yes", "reason": " "}, follow=True).redirect_chain[-1][0] == url
    assert Site.objects.filter(pk=site.pk).exists()
    root.post(url, {"post": "yes", "reason": WHY})
    assert not Site.objects.filter(pk=site.pk).exists()
    deleted = trail_of(site, size=1)[0]
    assert (deleted.kind, deleted.subject, deleted.who, deleted.reason) == ("Deleted", "mistyped", "root", WHY)


def test_the_trail_shows_what_was_set_to_no(world):
    person = make_user("plain", world.oslo)
    made = trail_of(person, size=1)[0]
    assert {d.field: d.new for d in made.differences}["superuser status"] == "no"
    assert "last name" not in {d.field for d in made.differences}


def rows_of(client: Client, table: str) -> list[str]:
    return [str(row) for row in client.get(address(table, "changelist")).context["cl"].result_list]


def test_an_administrator_sees_only_what_is_of_their_sites(world, local):
    coordinator = make_user("coordinator", world.oslo, role=Role.SITE_COORDINATOR)
    stranger = make_user("stranger", world.bergen)
    assert rows_of(local, "supplychain_site") == ["Oslo"]
    assert rows_of(local, "supplychain_user") == ["boss", "coordinator", "local"]
    assert rows_of(local, "supplychain_sourcesystem") == ["hospital-oslo"]
    statuses = [
        local.get(address(*what)).status_code
        for what in [
            ("supplychain_site", "change", world.bergen),
            ("supplychain_user", "change", stranger),
            ("supplychain_user", "change", coordinator),
            ("supplychain_sourcesystem", "change", world.stranger),
            ("supplychain_site", "add"),
            ("supplychain_flow", "add"),
        ]
    ]
    assert statuses == [404, 404, 200, 404, 403, 403]


def test_what_others_have_a_part_in_is_only_read(world, local):
    for url in (
        address("supplychain_user", "change", world.boss),
        address("supplychain_sourcesystem", "change", world.source),
        address("supplychain_product", "change", world.flow.product),
    ):
        assert local.get(url).context["has_change_permission"] is False
        assert local.post(url, {"name": "Mine", "reason": WHY}).status_code == 403


def test_a_product_can_be_ended_and_one_that_was_ordered_not_deleted(world, boss):
    product = world.flow.product
    world.order()
    url = address("supplychain_product", "change", product)
    assert change(boss, url, is_active=False, requirements="A chair").status_code == 302
    product.refresh_from_db()
    assert (product.is_active, product.requirements) == (False, "A chair")
    assert boss.get(address("supplychain_product", "delete", product)).context["protected"] == ["patient orders"]
    boss.post(address("supplychain_product", "delete", product), {"post": "yes", "reason": WHY})
    assert Product.objects.filter(pk=product.pk).exists()


def test_a_product_that_was_never_ordered_goes_with_its_flows(world, boss):
    product = world.flow.product
    boss.post(address("supplychain_product", "delete", product), {"post": "yes", "reason": WHY})
    assert not Product.objects.filter(pk=product.pk).exists()


def test_records_are_read_and_never_written(world, boss, local):
    world.order(coi="CO-1")
    assert len(rows_of(boss, "supplychain_statusevent")) == len(rows_of(local, "supplychain_statusevent")) == 1
    stranger = browser(make_user("other", world.bergen, role=Role.ADMINISTRATOR))
    assert rows_of(stranger, "supplychain_statusevent") == []
    event = boss.get(address("supplychain_statusevent", "changelist")).context["cl"].result_list[0]
    page = boss.get(address("supplychain_statusevent", "change", event))
    assert "CO-1" in page.content.decode()
    assert stranger.get(address("supplychain_statusevent", "change", event)).status_code == 404
    for name in ("change", "delete"):
        assert boss.post(address("supplychain_statusevent", name, event), {"post": "yes"}).status_code == 403


def test_the_audit_trail_filters_and_comes_as_a_file(world, boss):
    change(boss, address("supplychain_site", "change", world.oslo), name="=HYPERLINK(1)")
    change(boss, address("supplychain_site", "change", world.bergen), name="Bergen 2")
    page = boss.get(reverse("admin:audit_trail"), {"table": "site", "who": world.boss.pk})
    assert [(c.subject, c.reason) for c in page.context["changes"]] == [("bergen", WHY), ("oslo", WHY)]
    answer = boss.get(reverse("admin:audit_trail"), {"table": "site", "who": world.boss.pk, "format": "csv"})
    rows = list(csv.DictReader(StringIO(b"".join(answer.streaming_content).decode())))
    assert [(row["what"], row["who"], row["field"], row["old"], row["new"], row["reason"]) for row in rows] == [
        ("bergen", "boss", "name", "Bergen", "Bergen 2", WHY),
        ("oslo", "boss", "name", "Oslo", "'=HYPERLINK(1)", WHY),
    ]
    assert boss.get(reverse("admin:audit_trail"), {"password__startswith": "a"}).status_code == 400
    assert boss.get(reverse("admin:audit_trail"), {"until": "2000-01-01"}).context["changes"] == []


def test_the_audit_trail_shows_only_what_is_of_ones_sites(world, boss, local):
    change(boss, address("supplychain_site", "change", world.bergen), name="Bergen 2")
    make_user("stranger", world.bergen)
    seen = {(c.table, c.subject) for c in local.get(reverse("admin:audit_trail")).context["changes"]}
    assert ("site", "oslo") in seen
    assert not any("bergen" in subject.lower() or "stranger" in subject for _, subject in seen)


@pytest.mark.django_db(transaction=True)  # each change has a moment of its own
def test_pages_of_the_audit_trail_lose_nothing(world, boss, monkeypatch):
    monkeypatch.setattr(trail, "PAGE_SIZE", 4)
    for number in range(10):
        change(boss, address("supplychain_site", "change", world.oslo), name=f"Oslo {number}")
    scopes = [s for s in boss.get(reverse("admin:audit_trail")).context["form"].scopes if s.model is Site]
    everything = [str(c.differences) for c in read_trail(scopes, size=500)]
    found, query = [], "?table=site"
    while query:
        page = boss.get(reverse("admin:audit_trail") + query)
        found += [str(c.differences) for c in page.context["changes"]]
        query = f"?{page.context['older']}" if page.context["older"] else ""
    assert len(found) > 10
    assert found == everything
