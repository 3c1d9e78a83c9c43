"""Systems that report to us, and the OAuth clients that they speak through."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from oauth2_provider.generators import generate_client_id, generate_client_secret
from oauth2_provider.models import AbstractApplication, get_access_token_model, get_application_model
from oauth2_provider.settings import oauth2_settings

from supplychain.audit.actions import delete_unused
from supplychain.audit.refusals import Refused, check_reason, refuse_unless_valid, told_by
from supplychain.people.models import User
from supplychain.sites.models import Site
from supplychain.sites.queries import find_sites
from supplychain.systems.models import SourceSystem
from supplychain.systems.statuses import ReportScope, SourceKind

REPORT = "events:write"
CHECK = "identity:write"
# What a system of each kind needs for its work and no more (HIPAA, GDPR: minimum necessary). A hospital's asks the
# plant to hold an order, and cancels by itself only until work has begun (orders.rules.cancelling).
USUAL_REPORTS: Mapping[str, tuple[ReportScope, ...]] = {
    SourceKind.HOSPITAL: (
        ReportScope.ADMINISTRATIVE, ReportScope.COLLECTION, ReportScope.CUSTODY, ReportScope.INFUSION,
        ReportScope.NEW_ATTEMPT, ReportScope.CANCEL, ReportScope.MATERIALS,
    ),
    SourceKind.PLANT: (
        ReportScope.ADMINISTRATIVE, ReportScope.TRANSPORT, ReportScope.MANUFACTURING, ReportScope.QUALITY_CONTROL,
        ReportScope.RELEASE, ReportScope.NEW_ATTEMPT, ReportScope.PROMISE, ReportScope.HOLD, ReportScope.CANCEL,
        ReportScope.CLOSE, ReportScope.MATERIALS,
    ),
    SourceKind.LABORATORY: (ReportScope.QUALITY_CONTROL,),
    SourceKind.COURIER: (ReportScope.TRANSPORT,),
    SourceKind.LOGGER: (ReportScope.TRANSPORT,),
    SourceKind.SPREADSHEET: tuple(ReportScope),
}  # fmt: skip
USUAL_ACCESS: Mapping[str, tuple[str, ...]] = {
    SourceKind.HOSPITAL: (REPORT, "orders:read", "orders:write", "flags:read", "flags:write", "capacity:read", CHECK),
    SourceKind.PLANT: (REPORT, "orders:read", "flags:read", "flags:write", "capacity:read", CHECK),
    SourceKind.LABORATORY: (REPORT, "orders:read"),
    SourceKind.COURIER: (REPORT, "orders:read", CHECK),
    SourceKind.LOGGER: (REPORT, "orders:read"),
    SourceKind.SPREADSHEET: (REPORT, "orders:read", "orders:write"),
}
USUAL_SCOPES: Mapping[str, tuple[str, ...]] = {
    kind: (*USUAL_ACCESS[kind], *(scope.value for scope in USUAL_REPORTS[kind])) for kind in SourceKind
}


@dataclass(frozen=True, slots=True)
class SourceCredentials:
    """A source and what it signs in with. The secret is known only here: the database keeps its hash."""

    source: SourceSystem
    client_id: str
    client_secret: str


@transaction.atomic
def create_source(
    *,
    code: str,
    name: str,
    kind: SourceKind,
    sites: Iterable[str],
    scopes: Iterable[str] | None = None,
    reason: str = "",
    by: User | None,
) -> SourceCredentials:
    """A new reporting system with its confidential OAuth client (client credentials, RFC 6749 §4.4).

    `sites` by code; `scopes` None: the usual ones of its kind. One that may report and is given no scope that says
    what of, gets what its kind usually reports. Raises Refused.
    """
    source = SourceSystem(code=code, name=name, kind=kind, secret_set_at=timezone.now())
    refuse_unless_valid(source)
    source.scopes = _with_reports(_checked_scopes(USUAL_SCOPES[kind] if scopes is None else scopes), kind)
    places = _checked_sites(sites)
    secret = generate_client_secret()
    with told_by("create_source", by, reason):
        source.application = _new_application(source, secret)
        source.save()
        source.sites.set(places)
    return SourceCredentials(source, source.application.client_id, secret)


def _checked_sites(sites: Iterable[str]) -> list[Site]:
    places = find_sites(list(sites), field="sites")
    if not places:
        raise Refused({"sites": "name at least one site: a source sees and writes only its sites' orders."})
    return places


def _checked_scopes(scopes: Iterable[str]) -> list[str]:
    wanted = list(dict.fromkeys(scopes))
    known = oauth2_settings.SCOPES
    if unknown := [scope for scope in wanted if scope not in known]:
        raise Refused({"scopes": f"unknown: {', '.join(unknown)}. Known scopes: {', '.join(known)}."})
    if not wanted:
        raise Refused({"scopes": f"name at least one of {', '.join(known)}."})
    return wanted


def _with_reports(scopes: list[str], kind: SourceKind) -> list[str]:
    if REPORT not in scopes or not set(scopes).isdisjoint(ReportScope.values):
        return scopes
    return [*scopes, *(scope.value for scope in USUAL_REPORTS[kind])]


def _new_application(source: SourceSystem, secret: str) -> AbstractApplication:
    application = get_application_model()
    return application.objects.create(
        client_id=generate_client_id(),
        client_secret=secret,  # hashed by its field
        client_type=application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=application.GRANT_CLIENT_CREDENTIALS,
        name=source.name,
    )


@transaction.atomic
def change_source(
    source: SourceSystem,
    *,
    name: str,
    sites: Iterable[str],
    scopes: Iterable[str],
    is_active: bool,
    request_limit: int | None = None,
    reason: str,
    by: User | None,
) -> SourceSystem:
    """Change what a source may do and where, or switch it off or on; its code and kind last. Raises Refused.

    Rights end within ten seconds, in every process; a source that is switched off loses its tokens.
    """
    reason = check_reason(reason)
    source.name, source.scopes, source.is_active = name, _checked_scopes(scopes), is_active
    source.request_limit = request_limit
    places = _checked_sites(sites)
    refuse_unless_valid(source)
    with told_by("change_source", by, reason):
        source.save(update_fields=["name", "scopes", "is_active", "request_limit"])
        source.sites.set(places)
        if not is_active:
            _withdraw_tokens(source)
    return source


@transaction.atomic
def rotate_secret(source: SourceSystem, *, reason: str = "", by: User | None) -> SourceCredentials:
    """Give the source a new secret; the old one and every token got with it stop working. Raises Refused."""
    if source.application is None:
        raise Refused({"source": f"{source.code} has no OAuth client."})
    secret = generate_client_secret()
    source.application.client_secret = secret
    source.secret_set_at = timezone.now()
    with told_by("rotate_secret", by, reason):
        source.application.save(update_fields=["client_secret", "updated"])
        source.save(update_fields=["secret_set_at"])
        _withdraw_tokens(source)
    return SourceCredentials(source, source.application.client_id, secret)


@transaction.atomic
def deactivate_source(source: SourceSystem, *, by: User | None) -> None:
    """End a source's rights: no new token, and those it has stop working. What it reported stays."""
    source.is_active = False
    with told_by("deactivate_source", by):
        source.save(update_fields=["is_active"])
        _withdraw_tokens(source)


def _withdraw_tokens(source: SourceSystem) -> None:
    get_access_token_model().objects.filter(application_id=source.application_id).delete()


@transaction.atomic
def delete_source(source: SourceSystem, *, reason: str, by: User | None) -> None:
    """Delete a source that never reported anything, with its OAuth client. Raises Refused."""
    application = source.application
    delete_unused(source, "delete_source", reason, by)
    if application is not None:
        application.delete()
