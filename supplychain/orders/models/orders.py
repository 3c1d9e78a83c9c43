"""Patient orders, the root of the chain, and the identifiers that lead to them."""

from collections.abc import Iterable, Sequence
from typing import Any, Self

from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Collate, Lower, Reverse

from supplychain.audit.append_only import append_only
from supplychain.flows.models import Flow, Product
from supplychain.hidden_characters import HIDDEN
from supplychain.identifiers.rules.characters import LOOSE
from supplychain.identifiers.statuses import ISSUED_ONCE, IdentifierKind
from supplychain.ids import new_id
from supplychain.orders.models.change_trigger import tells_changed, tells_new
from supplychain.orders.models.notice_kinds import NoticeKind
from supplychain.orders.models.turn_trigger import has_its_turn
from supplychain.orders.statuses import ENDED_ORDER_STATUSES, OPEN_ORDER_STATUSES, OrderStatus, Priority
from supplychain.sites.models import Site


def takes_part_in(site_ids: Iterable[Any], order: str = "") -> Q:
    """That one of these sites takes part in the order. `order`: how the query reaches it (`order__`)."""
    sites, condition = list(site_ids), Q()
    for place in ("ordering_site", "collection_site", "infusion_site", "plant"):
        condition |= Q(**{f"{order}{place}__in": sites})
    return condition


class PatientOrderQuerySet(models.QuerySet):
    """Readings of orders, named for who asks."""

    def of_sites(self, site_ids: Iterable[Any]) -> Self:
        """Orders in which one of these sites takes part; everything else does not exist for its people."""
        return self.filter(takes_part_in(site_ids))

    def open(self) -> Self:
        """Orders whose patient still waits."""
        return self.filter(status__in=OPEN_ORDER_STATUSES)


class PatientOrder(models.Model):
    """Request for one therapy for one patient. What follows `status` is a projection of the events.

    `patient_reference` is a pseudonym: never a name, birth date, social security or medical record number
    (21 CFR 1271.290(c)).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    coi = models.CharField("chain of identity", max_length=40)
    coi_issuer = models.CharField(max_length=50, default="cellops", help_text="Code of the site that issued it.")
    patient_reference = models.CharField(max_length=64)
    product = models.ForeignKey(Product, models.PROTECT, related_name="orders")
    flow = models.ForeignKey(Flow, models.PROTECT, related_name="orders")
    ordering_site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    collection_site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    infusion_site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    plant = models.ForeignKey(Site, models.PROTECT, related_name="+")
    priority = models.CharField(max_length=10, choices=Priority.choices, default=Priority.ROUTINE)
    ordered_at = models.DateTimeField()

    status = models.CharField(max_length=12, choices=OrderStatus.choices, default=OrderStatus.ORDERED)
    current_stage = models.CharField(max_length=40, blank=True)
    attempt = models.PositiveSmallIntegerField(default=1)
    promised_at = models.DateTimeField(null=True, blank=True, help_text="When the dose was promised ready to infuse.")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    held_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    infused_at = models.DateTimeField(null=True, blank=True)
    surprises = models.JSONField(default=list, blank=True, help_text="Facts that do not fit the ones before them.")

    withdrawn_events = models.JSONField(default=list, blank=True, help_text="Ids of the reports that were taken back.")

    change_request = models.JSONField(
        null=True, blank=True, help_text="What the treatment centre asked of the plant last, and what became of it."
    )

    version = models.PositiveIntegerField(default=0, help_text="Number of events folded in; the ETag.")
    last_occurred_at = models.DateTimeField(null=True, blank=True)
    last_recorded_at = models.DateTimeField(null=True, blank=True)
    seal = models.CharField(max_length=64, blank=True, help_text="Hash of the newest event.")

    # The reports that can make a signed one count no more, once read with this row (queries.signatures).
    bears_on_signed: Sequence[Any] | None = None

    objects = PatientOrderQuerySet.as_manager()

    class Meta:
        # The chain of identity first: the list is sorted by it.
        constraints = [models.UniqueConstraint(fields=["coi", "coi_issuer"], name="one_order_per_coi")]
        indexes = [
            models.Index(fields=["-ordered_at", "-id"], name="orders_newest_first"),
            models.Index(
                fields=["plant", "promised_at"],
                name="open_orders_of_plant",
                condition=Q(status__in=OPEN_ORDER_STATUSES),
            ),
            # What is at a stage is counted of these; beside ten years of ended ones they are few.
            models.Index(fields=["id"], name="orders_not_ended", condition=~Q(status__in=ENDED_ORDER_STATUSES)),
            models.Index(fields=["promised_at", "id"], name="orders_by_promise"),
            models.Index(fields=["last_recorded_at", "id"], name="orders_by_last_change"),
            models.Index(fields=["infused_at"], name="orders_infused", condition=Q(infused_at__isnull=False)),
            models.Index(fields=["patient_reference"], name="orders_by_patient", opclasses=["varchar_pattern_ops"]),
            models.Index(Collate(Reverse("patient_reference"), "C"), name="orders_by_patient_end"),
        ]
        # Only news have another version.
        triggers = [
            has_its_turn(),
            tells_new(NoticeKind.ORDER, order="id"),
            tells_changed(NoticeKind.ORDER, order="id", column="version"),
        ]

    def __str__(self) -> str:
        return self.coi

    @property
    def is_open(self) -> bool:
        """Whether the patient still waits for the dose."""
        return self.status in OPEN_ORDER_STATUSES

    @property
    def sites_to_call(self) -> list[Site]:
        """Whom to call about it, the plant first, whether or not a number of theirs is kept."""
        return list(dict.fromkeys((self.plant, self.infusion_site)))


# What no identifier begins or ends with, for those stored before the database asked for the canonical form.
BLANKS = "\u0009\u000a\u000b\u000c\u000d\u0020\u0085\u00a0\u1680\u2002\u2003\u2009\u200a\u2028\u2029\u202f\u3000"
COMPOSED = Func(F("value"), template="normalize(%(expressions)s, NFC)")
KEY = Lower(Collate(Func(COMPOSED, Value(BLANKS), function="btrim"), "pg_unicode_fast"))


class Identifier(models.Model):
    """A code that leads to an order: CoI, donation number, batch number … with its issuer. Append-only.

    `value` is in canonical form (identifiers/rules/characters.py), `key` what it is looked up by. `reuse` numbers the
    orders that had one chain of identity or hospital order number of one issuer: only the end of one lets it be given
    to the next, so that of any number of senders at once one makes the order.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey(PatientOrder, models.PROTECT, related_name="identifiers")
    kind = models.CharField(max_length=16, choices=IdentifierKind.choices)
    issuer = models.CharField(
        max_length=50, blank=True, help_text="Code of the site that gave it or, of what it does not give, said it."
    )
    value = models.CharField(max_length=64)
    key = models.GeneratedField(expression=KEY, output_field=models.TextField(), db_persist=True)
    likeness = models.CharField(max_length=128, blank=True, help_text="What it looks like: near twins share it.")
    reuse = models.PositiveSmallIntegerField(default=0, help_text="How many orders had it before.")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "kind", "issuer", "value"], name="one_identifier_per_order"),
            models.UniqueConstraint(
                fields=["kind", "issuer", "key", "reuse"],
                condition=Q(kind__in=ISSUED_ONCE),
                name="one_order_per_issued_number",
            ),
            models.CheckConstraint(
                condition=~Q(value__regex=f"{HIDDEN}|{LOOSE}") & ~Q(value="") & Q(value=COMPOSED),
                name="identifier_is_canonical",
            ),
        ]
        indexes = [
            # The operator class serves a search for the beginning too, whatever the database's collation is.
            models.Index(fields=["key"], name="identifiers_by_start", opclasses=["text_pattern_ops"]),
            models.Index(Collate(Reverse("key"), "C"), name="identifiers_by_end"),
            models.Index(fields=["likeness"], name="identifiers_alike", condition=Q(kind__in=ISSUED_ONCE)),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.value}"
