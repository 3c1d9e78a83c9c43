"""Materials of an order, what they were made from, and the lots that went into them. Projections of its events.

Ids are made of what they name (rules/ids.py), so that the same facts give the same rows, whoever writes them first.
"""

from django.db import models
from django.db.models import Q

from supplychain.audit.append_only import append_only, never_deleted
from supplychain.orders.models import PatientOrder
from supplychain.orders.statuses import LotKind, MaterialKind, MaterialStatus
from supplychain.withdrawals import Withdrawable


class Material(Withdrawable):
    """A bag, vial or cassette of one order; `kind` empty: it was only named so far. `key`: its number, to look up."""

    id = models.UUIDField(primary_key=True, editable=False)
    order = models.ForeignKey(PatientOrder, models.PROTECT, related_name="materials", db_index=False)
    key = models.CharField(max_length=200)
    number = models.CharField(max_length=64)
    kind = models.CharField(max_length=16, choices=MaterialKind.choices, blank=True)
    component = models.CharField(max_length=64, blank=True, help_text="Which cells, such as CD4 or CD8.")
    stage = models.CharField(max_length=64, blank=True, help_text="Code of the stage that made it.")
    storage = models.CharField(max_length=64, blank=True)
    volume_ml = models.FloatField(null=True, blank=True)
    cells = models.BigIntegerField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=12, choices=MaterialStatus.choices, blank=True)
    status_at = models.DateTimeField(null=True, blank=True)
    status_reason = models.CharField(max_length=500, blank=True)
    doubts = models.JSONField(default=list, blank=True, help_text="What of it does not fit (MaterialDoubt).")

    class Meta(Withdrawable.Meta):
        constraints = [models.UniqueConstraint(fields=["order", "key"], name="one_material_per_number")]
        indexes = [models.Index(fields=["key"], name="materials_by_number")]
        triggers = never_deleted()

    def __str__(self) -> str:
        return self.number


class MaterialParent(Withdrawable):
    """That one material came from another of the same order."""

    id = models.UUIDField(primary_key=True, editable=False)
    order = models.ForeignKey(PatientOrder, models.PROTECT, related_name="+")
    child = models.ForeignKey(Material, models.PROTECT, related_name="parent_links")
    parent = models.ForeignKey(Material, models.PROTECT, related_name="child_links")

    class Meta(Withdrawable.Meta):
        triggers = never_deleted()

    def __str__(self) -> str:
        return f"{self.child_id} from {self.parent_id}"


class Lot(models.Model):
    """A lot of a reagent, vector or collection kit, by product and number as they were first said. Append-only."""

    id = models.UUIDField(primary_key=True, editable=False)
    kind = models.CharField(max_length=8, choices=LotKind.choices)
    product = models.CharField(max_length=64)
    number = models.CharField(max_length=64)
    key = models.CharField(max_length=200, help_text="Its number, to look up.")

    class Meta:
        indexes = [models.Index(fields=["key"], name="lots_by_number")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.product} {self.number}"


class LotUse(Withdrawable):
    """That a lot went into a material, or was used at a stage; one row a report, its id is the event's (of
    kits: one row a collection)."""

    id = models.UUIDField(primary_key=True, editable=False)
    order = models.ForeignKey(PatientOrder, models.PROTECT, related_name="lot_uses")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="uses", db_index=False)
    material = models.ForeignKey(Material, models.PROTECT, null=True, blank=True, related_name="lot_uses")
    stage = models.CharField(max_length=64, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Of the lot, as this report says.")
    used_at = models.DateTimeField()

    class Meta(Withdrawable.Meta):
        indexes = [models.Index(fields=["lot", "order"], name="uses_of_lot", condition=Q(withdrawn_at__isnull=True))]
        triggers = never_deleted()

    def __str__(self) -> str:
        return f"{self.lot_id} in {self.order_id}"
