"""The list of signatures, and the same as a file."""

from collections.abc import Iterator
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from supplychain.audit.statuses import SignedAct
from supplychain.orders.queries.signatures import ShownSignature
from supplychain.pages.access import signed_in
from supplychain.pages.csv_files import csv_file
from supplychain.people.statuses import RECORD_READERS
from supplychain.signatures.queries import (
    SignatureFilter,
    beside_record,
    refused_of_sites,
    signatures_of_sites,
    signers,
)

SHOWN, MOST_REFUSED, MOST_IN_FILE = 50, 20, 20_000
HEADER = (
    "signed_at", "order", "act", "meaning", "printed_name", "user_name", "role", "shown", "record", "event", "digest",
)  # fmt: skip


@require_safe
@signed_in
def signatures(request: HttpRequest) -> HttpResponse:
    """Who signed what, the newest first, each compared with the record as it is now."""
    site_ids, chosen = _sites(request), SignatureFilter.read(request.GET)
    zone = timezone.get_current_timezone()
    rows = chosen.of(signatures_of_sites(site_ids), zone)
    page = Paginator(rows, SHOWN).get_page(request.GET.get("page"))
    context = {
        "chosen": chosen, "page": page, "shown": beside_record(page.object_list), "signers": signers(site_ids),
        "acts": SignedAct.choices, "most": MOST_IN_FILE,
        "refused": refused_of_sites(site_ids, chosen, zone, most=MOST_REFUSED), "most_refused": MOST_REFUSED,
    }  # fmt: skip
    return render(request, "supplychain/signatures/signatures.html", context)


@require_safe
@signed_in
def signatures_csv(request: HttpRequest) -> HttpResponse:
    """The same as a file, at most MOST_IN_FILE."""
    rows = SignatureFilter.read(request.GET).of(signatures_of_sites(_sites(request)), timezone.get_current_timezone())
    return csv_file("cellops-signatures", HEADER, _lines(beside_record(rows[:MOST_IN_FILE])))


def _sites(request: HttpRequest) -> list[Any]:
    """Ids of the sites for whose records the person answers, or which they inspect. Raises Http404 for anybody else."""
    if not (site_ids := request.user.site_ids(*RECORD_READERS)):
        raise Http404
    return site_ids


def _lines(shown: list[ShownSignature]) -> Iterator[tuple[Any, ...]]:
    for one in shown:
        row = one.signature
        yield (row.signed_at, row.order.coi, row.get_act_display(), row.meaning, row.printed_name, row.user.username,
               row.role, row.factor_words, one.state.label, str(row.event_id), row.digest)  # fmt: skip
