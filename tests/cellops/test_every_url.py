"""Every address denies those who have no right there: nobody signed in, and a stranger from another site."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pytest_django import DjangoDbBlocker

from batches.flags.models import Flag
from batches.judgement.statuses import FlagCode, Severity
from batches.notifications.models import HandOver
from batches.ramp_ups.models import Scenario
from dashboards.orders.queries.chain_report import chain_report
from dashboards.orders.queries.page import order_view
from supplychain.admin import master_data
from supplychain.custody.models import HandOverLink
from supplychain.custody.statuses import LinkEnd
from supplychain.documents.actions import issue_report
from supplychain.flows.models import Flow
from supplychain.orders.models import PatientOrder, SealCheck
from supplychain.people.models import User
from supplychain.people.statuses import RECORD_READERS, Role
from supplychain.sites.models import Site
from supplychain.systems.models import SourceSystem
from tests.supplychain.builders import at, make_user
from tests.supplychain.conditions.warm import WarmWorld, handed_in

pytestmark = pytest.mark.django_db

# Open to all: signing in, the health checks, and the description of the REST interface. The token address answers 4xx
# without credentials; the last one tells any caller under /api/ that there is nothing.
OPEN = {
    "login", "logout", "health", "health_of_work", "schema", "api_docs", "oauth_token", "api_unknown_address",
    "account_login", "account_logout", "account_inactive", "account_reset_password", "account_reset_password_done",
    "account_reset_password_from_key", "account_reset_password_from_key_done", "single_sign_on",
    "driver_link", "openid_connect_callback", "socialaccount_login_cancelled",
}  # fmt: skip
# What a stranger may open: pages that show only what is theirs, here nothing.
OWN_VIEW = {
    "api_custody", "api_changes", "api_me", "api_catalogue",
    "start", "control_tower", "control_tower_live", "find_order", "stream", "api_orders", "api_flags", "api_pools",
    "api_causes", "api_bottlenecks", "api_events", "stay_signed_in", "profile", "account_change_password",
    "account_set_password",
    "account_reauthenticate", "mfa_authenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn",
    "usersessions_list", "mfa_index", "mfa_activate_totp", "mfa_deactivate_totp", "mfa_list_webauthn",
    "mfa_add_webauthn", "mfa_edit_webauthn", "mfa_remove_webauthn", "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes", "mfa_download_recovery_codes",
    "lines", "lines_live", "bottlenecks", "bottlenecks_live", "inbox", "inbox_live", "inbox_count",
    "inbox_read", "notification_settings", "handover", "operations", "acknowledge_flags",
    "site", "site_live", "request_order",
    "orders", "orders_live", "orders_csv", "save_view", "kpis", "kpis_csv",
    "durations", "durations_csv", "api_durations",
    "alarms", "alarms_csv", "alarm_thresholds_csv", "api_alarms",
    "calibration", "calibration_predictions", "calibration_csv", "api_calibration", "api_predictions",
    "ramp_ups", "ramp_ups_live", "api_ramp_ups", "resources", "check_document",
    "api_signatures", "trace", "api_trace", "api_materials", "api_lots", "api_labels", "api_collections", "api_lanes",
    "api_shippers",
}  # fmt: skip
REFUSALS = {302, 401, 403}


def patterns(resolver: URLResolver | None = None) -> Iterator[URLPattern]:
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            if pattern.namespace != "admin":  # test_the_administration_is_for_administrators
                yield from patterns(pattern)
        else:
            yield pattern


# The stream answers under ASGI only; tests/dashboards/live/test_stream.py shows whom it denies.
NAMES = sorted({str(pattern.name) for pattern in patterns()})


def things_of_oslo() -> dict[str, object]:
    """What the address of every thing is made of: things of Oslo."""
    world = WarmWorld()
    order = world.shipped(coi="CO-OF-OSLO")
    world.read(order, [5, 9, 9, 9, 9, 5])
    flag = Flag.objects.create(
        order=order, code=FlagCode.SILENT, severity=Severity.ATTENTION, since=at(1), raised_at=at(1), evidence={},
        why="why of Oslo",
    )  # fmt: skip
    excursion, file = order.excursions.get(), handed_in(order, "no readings", make_user("hands in"))
    return {
        "order_id": order.pk, "flag_id": flag.pk, "view_id": flag.pk, "event_id": order.events.first().pk,
        "shipment_id": excursion.shipment_id, "excursion_id": excursion.pk, "delivery_id": file.pk,
    } | papers_of(order)  # fmt: skip


def papers_of(order: PatientOrder) -> dict[str, object]:
    """What was made for it and its plant: a scenario, a hand-over of a shift, a chain report, a driver's link."""
    scenario = Scenario.objects.create(
        line=order.plant, name="CO-OF-OSLO scenario", created_at=at(1), edited_at=at(1), is_shared=True
    )
    run = scenario.runs.create(total=1, requested_at=at(1), inputs={"target": None}, fingerprint="0")
    handed = HandOver.objects.create(
        site=order.plant, by=make_user("night"), person="night", text="CO-OF-OSLO", from_at=at(1), to_at=at(9),
        made_at=at(9),
    )  # fmt: skip
    issuer, check = make_user("issuer"), SealCheck(order=order)
    said = chain_report(order_view(order, issuer, at(9), most_events=None), check, issuer, "UTC", at(9))
    issued = issue_report(order, said, by=issuer, time_zone="UTC", now=at(9))
    link = HandOverLink.objects.create(
        order=order, stage="inbound", attempt=1, end=LinkEnd.PICKUP, token_hash="0", made_by=handed.by, made_at=at(1),
        expires_at=at(9),
    )  # fmt: skip
    return {
        "scenario_id": scenario.pk, "run_id": run.pk, "handover_id": handed.pk, "report_id": issued.pk,
        "link_id": link.pk,
    }  # fmt: skip


# Of addresses that lead to no thing of an order.
NAMED = {
    "site_code": "plant", "token": "nobody-made-it", "stage": "collection", "stage_code": "selection",
    "uidb36": "nobody", "key": "none", "pk": 1, "kind": "courier",
}  # fmt: skip


def make_addresses() -> dict[str, str]:
    """An address of every name, leading to things of Oslo."""
    ids = things_of_oslo() | NAMED
    found = {}
    for pattern in patterns():
        wanted = {name: ids[name] for name in pattern.pattern.converters}
        found[pattern.name] = (
            "/api/nothing/" if pattern.name == "api_unknown_address" else reverse(pattern.name, kwargs=wanted)
        )
    return found


@pytest.fixture(scope="module")
def addresses(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, str]]:
    """The addresses; what they lead to is made once for a file and taken back at its end.

    Whoever uses them needs the mark django_db: only so is what a test does itself taken back at its own end.
    """
    with django_db_blocker.unblock():
        made = transaction.atomic()
        made.__enter__()
        found = make_addresses()
    yield found
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        made.__exit__(None, None, None)


def test_every_address_has_a_name():
    assert "None" not in NAMES
    assert set(NAMES) >= OPEN | OWN_VIEW


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", [name for name in NAMES if name not in OPEN | {"stream"}])
def test_nobody_signed_in_is_refused(addresses, name, method):
    answer = getattr(Client(), method)(addresses[name])
    assert answer.status_code in REFUSALS | {405}, name
    if answer.status_code == 302:
        assert answer.headers["Location"].startswith(reverse("login"))
    assert b"OSLO" not in answer.getvalue()


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", [name for name in NAMES if name not in OPEN | {"stream"}])
def test_a_stranger_sees_nothing_of_another_site(addresses, name, method):
    client = Client()
    client.force_login(make_user("stranger", Site.objects.get(code="bergen")))
    said = {"data": {"comment": "mine now"}, "content_type": "application/json"} if method == "post" else {}
    answer = getattr(client, method)(addresses[name], **said)
    if name not in OWN_VIEW:
        assert answer.status_code in {404, 405}, name
    assert b"OF-OSLO" not in answer.getvalue()
    assert b"why of Oslo" not in answer.getvalue()


@pytest.mark.parametrize("name", [name for name in NAMES if name not in OPEN | {"stream"}])
def test_a_person_without_any_site_sees_nothing(addresses, name):
    client = Client()
    client.force_login(make_user("newcomer"))
    answer = client.get(addresses[name])
    assert b"OF-OSLO" not in answer.getvalue()
    assert answer.status_code in {200, 302, 403, 404, 405}


def administration() -> list[str]:
    """Every address of the administration, of rows that are there."""
    rows = [(model, model._default_manager.first()) for model in master_data._registry]
    found = {reverse("admin:index"), reverse("admin:audit_trail"), reverse("admin:app_list", args=["supplychain"])}
    for model, row in rows:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        found |= {reverse(f"{name}_changelist"), reverse(f"{name}_add")}
        found |= {reverse(f"{name}_{page}", args=[row.pk]) for page in ("change", "delete", "history") if row}
    source, flow = SourceSystem.objects.first(), Flow.objects.first()
    found.add(reverse("admin:supplychain_sourcesystem_rotate", args=[source.pk]))
    found.add(reverse("admin:supplychain_user_sign_in", args=[User.objects.first().pk]))
    return sorted(found | {reverse("admin:supplychain_flow_file", args=[flow.pk]), reverse("admin:jsi18n")})


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_administration_is_for_administrators(addresses, method):
    people = [
        make_user(f"person-{role}", *Site.objects.all(), role=role) for role in Role if role not in RECORD_READERS
    ]
    people.append(make_user("newcomer"))
    for address in administration():
        nobody = getattr(Client(), method)(address)
        assert (nobody.status_code, nobody.headers["Location"].split("?")[0]) == (302, reverse("login")), address
        for person in people:
            client = Client()
            client.force_login(person)
            answer = getattr(client, method)(address)
            assert (answer.status_code, b"OF-OSLO" in answer.getvalue()) == (403, False), (address, person.username)
