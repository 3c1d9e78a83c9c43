"""`GET /api/v1/signatures/`: who signed what, each compared with the record as it is now."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import django_filters
import msgspec
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from msgspec import Meta
from rest_framework.request import Request

from supplychain.audit.models import Signature
from supplychain.audit.statuses import Factor, SignatureState, SignedAct
from supplychain.orders.queries.signatures import ShownSignature
from supplychain.people.statuses import RECORD_READERS
from supplychain.rest.documentation import OF_A_LIST
from supplychain.rest.endpoints import ListEndpoint
from supplychain.rest.filters import MomentFilter
from supplychain.signatures.queries import beside_record, signatures_of_sites

EXAMPLE = OpenApiExample(
    "A release",
    value={
        "id": "019c8f70-11d2-7f6a-8a37-90b1c2d3e4f5", "order": "019c8f6e-4a51-7cc3-9b42-2d1f6f0a7e11",
        "coi": "CO267K3M9P2XQT", "event": "019c8f70-11d2-7f6a-8a37-90b1c2d3e4f4", "act": "release",
        "meaning": "Released for the patient: Disposition", "username": "qa", "printed_name": "Tomás Ferreira (qa)",
        "role": "Quality assurance, Leiden plant", "signed_at": "2026-03-30T08:12:05Z",
        "factors": ["own_password", "app_code"],
        "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "state": "holds",
    },
    response_only=True,
)  # fmt: skip


class SignatureGiven(msgspec.Struct):
    """A signature. `event`: the report under which it stands; `state`: `holds`, `withdrawn` (the report was), `doubted`
    (said to be wrong by one of two), `overtaken` (something newer was said of the same) or
    `altered` (the record or the signature no longer fits `digest`, its SHA-256)."""

    id: UUID
    order: UUID
    coi: str
    event: UUID
    act: Annotated[str, Meta(extra_json_schema={"enum": SignedAct.values})]
    meaning: str
    username: str
    printed_name: str
    role: str
    signed_at: datetime
    factors: list[Annotated[str, Meta(extra_json_schema={"enum": Factor.values})]]
    digest: str
    state: Annotated[str, Meta(extra_json_schema={"enum": SignatureState.values})]


class GivenFilter(django_filters.FilterSet):
    """Whose signatures, of what, when."""

    order = django_filters.UUIDFilter("order_id", help_text="Id of the order.")
    person = django_filters.CharFilter("user__username", "iexact", help_text="User name of who signed.")
    act = django_filters.MultipleChoiceFilter(choices=SignedAct.choices)
    signed_after = MomentFilter("signed_at", "gt", help_text="What was signed since.")
    signed_before = MomentFilter("signed_at", "lt", help_text="What was signed before.")

    class Meta:
        model = Signature
        fields: tuple[str, ...] = ()


class Signatures(ListEndpoint):
    """The signatures of the orders of one's sites."""

    required_scopes = {"GET": "orders:read"}
    queryset = Signature.objects.all()
    filterset_class = GivenFilter
    order_by = ("-signed_at", "-id")
    columns = ("id", "signed_at")

    @extend_schema(
        operation_id="list_signatures",
        summary="Electronic signatures",
        responses={200: SignatureGiven} | OF_A_LIST,
        examples=[EXAMPLE],
    )
    def get(self, request: Request) -> Any:
        """The newest first, of the orders of your sites; of people those see them who are quality assurance,
        administrator or inspector there. Signatures are given on the pages alone: nobody signs by REST."""
        return super().get(request)

    def visible(self) -> QuerySet:
        """Those of one's sites; a person's, where their role answers for records."""
        by = self.request.auth
        return signatures_of_sites(
            {site for site, role in by.rights if role in RECORD_READERS} if by.user else by.site_ids
        )

    def bodies(self, rows: Sequence[tuple]) -> list[Any]:
        """One signature a row; one query."""
        found = beside_record(Signature.objects.filter(pk__in=[row[0] for row in rows]))
        by_id = {one.signature.pk: one for one in found}
        return [_body(by_id[row[0]]) for row in rows]


def _body(one: ShownSignature) -> SignatureGiven:
    row = one.signature
    return SignatureGiven(
        row.pk, row.order_id, row.order.coi, row.event_id, row.act, row.meaning, row.user.username, row.printed_name,
        row.role, row.signed_at, list(row.factors), row.digest, one.state.value,
    )  # fmt: skip
