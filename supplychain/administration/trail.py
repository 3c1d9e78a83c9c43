"""The audit trail of all master data on one page, and as a file for whoever inspects it."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from supplychain.administration.reach import Reach, reach_of
from supplychain.administration.site import master_data
from supplychain.audit.trails import Change, TrailScope, person_filter, read_trail
from supplychain.pages.fields import DayField
from supplychain.pages.missing import PlainForm
from supplychain.pages.spreadsheets import without_formula
from supplychain.people.models import User

PAGE_SIZE = 50
MOST_EXPORTED = 50_000
DAY = timedelta(days=1)
# What an address may ask for; anything else is refused, as by every other list.
TAKEN = frozenset({"table", "who", "since", "until", "before", "format"})
HEADINGS = ("at (UTC)", "change", "table", "what", "who", "action", "reason", "field", "old", "new")


class TrailForm(PlainForm):
    """What part of the trail to show."""

    table = forms.ChoiceField(required=False)
    who = forms.ModelChoiceField(User.objects.none(), required=False, label="Changed by", empty_label="Everybody")
    since = DayField(required=False, label="From")
    until = DayField(required=False, label="To")
    before = forms.DateTimeField(required=False, widget=forms.HiddenInput, input_formats=["%Y-%m-%dT%H:%M:%S.%f"])

    def __init__(self, data: Any, *, scopes: list[TrailScope], reach: Reach) -> None:
        super().__init__(data)
        tables = sorted((str(s.model._meta.verbose_name), s.model._meta.model_name) for s in scopes)
        self.fields["table"].choices = [("", "All tables"), *((name, label) for label, name in tables)]
        self.fields["who"].queryset = reach.people()
        self.scopes = scopes

    def read(self, size: int) -> list[Change]:
        """The changes asked for; a filter that cannot be read is left out and said so at its field."""
        self.is_valid()
        given = self.cleaned_data
        scopes = [s for s in self.scopes if given.get("table") in ("", None, s.model._meta.model_name)]
        wanted: dict[str, Any] = person_filter(given["who"]) if given.get("who") else {}
        if since := given.get("since"):
            wanted["pgh_created_at__gte"] = _midnight(since)
        if until := given.get("until"):
            wanted["pgh_created_at__lte"] = _midnight(until + DAY)
        before = given.get("before")
        return read_trail(scopes, before=before.replace(tzinfo=UTC) if before else None, size=size, **wanted)


def _midnight(day: Any) -> datetime:
    return datetime.combine(day, time(), tzinfo=timezone.get_current_timezone())


def audit_trail(request: HttpRequest) -> HttpResponse:
    """Who changed which master data: a page, newest first, or with `?format=csv` a file."""
    if unknown := request.GET.keys() - TAKEN:
        raise BadRequest(f"Filtering by {', '.join(sorted(unknown))} is not allowed")
    scopes = master_data.trail_scopes(request)
    form = TrailForm(request.GET, scopes=scopes, reach=reach_of(request))
    if request.GET.get("format") == "csv":
        return _as_file(form.read(MOST_EXPORTED))
    changes, older = _page(form)
    filters = {name: request.GET[name] for name in ("table", "who", "since", "until") if request.GET.get(name)}
    context = master_data.each_context(request) | {
        "title": "Audit trail",
        "form": form,
        "changes": changes,
        "older": urlencode(filters | {"before": older}) if older else "",
        "export": urlencode(filters | {"format": "csv"}),
        "is_filtered": bool(filters),
    }
    request.current_app = master_data.name
    return TemplateResponse(request, "admin/audit_trail.html", context)


def _page(form: TrailForm) -> tuple[list[Change], str]:
    """The changes of one page, and the moment before which the next begins (empty: there is none).

    What one transaction changed has one moment and is never torn apart between pages.
    """
    changes = form.read(PAGE_SIZE + 1)
    if len(changes) <= PAGE_SIZE:
        return changes, ""
    whole = [change for change in changes if change.at != changes[-1].at]
    if not whole:
        changes = form.read(MOST_EXPORTED)
        whole = [change for change in changes if change.at == changes[0].at]
    return whole, f"{whole[-1].at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}"


class _Echo:
    """What the csv writer writes is handed on."""

    def write(self, text: str) -> str:
        return text


def _as_file(changes: list[Change]) -> StreamingHttpResponse:
    writer = csv.writer(_Echo())
    rows = (writer.writerow([without_formula(value) for value in row]) for row in [HEADINGS, *_rows(changes)])
    response = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="audit-trail.csv"'
    return response


def _rows(changes: list[Change]) -> Iterator[tuple[str, ...]]:
    for change in changes:
        at = f"{change.at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
        head = (at, change.kind, change.table, change.subject, change.who, change.action, change.reason)
        for difference in change.differences or (None,):
            yield (*head, *((difference.field, difference.old, difference.new) if difference else ("", "", "")))
