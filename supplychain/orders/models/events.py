"""Status events: the facts. The database refuses to change or delete them."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from supplychain.audit.append_only import append_only
from supplychain.ids import new_id
from supplychain.orders.models.orders import PatientOrder
from supplychain.orders.statuses import EVENT_KINDS
from supplychain.systems.models import SourceSystem


class StatusEvent(models.Model):
    """One thing that somebody said happened to an order, kept as said.

    `occurred_at` is their clock, `recorded_at` ours. `hash` covers the content and the hash of the order's
    previous event (21 CFR 11.10(a)): `manage.py verify_seals` names the first link that does not fit.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey(PatientOrder, models.PROTECT, related_name="events", db_index=False)
    position = models.PositiveIntegerField(help_text="Place in the order's chain, from 1.")
    attempt = models.PositiveSmallIntegerField(null=True, blank=True, help_text="As reported; empty: not said.")
    kind = models.CharField(max_length=20, choices=list(EVENT_KINDS.items()))
    stage = models.CharField(max_length=40, blank=True, help_text="Code of the stage; empty: the whole order.")
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    source = models.ForeignKey(
        SourceSystem, models.PROTECT, null=True, blank=True, related_name="events", db_index=False
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="events", db_index=False
    )
    source_event_id = models.CharField(max_length=100)
    resource = models.CharField(max_length=80, blank=True)
    payload = models.JSONField(default=dict, blank=True)
    lacked_scope = models.CharField(
        max_length=40, blank=True, db_default="", help_text="The right that the sender did not have; empty: it had it."
    )
    content_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["order", "position"]
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="one_event_per_position"),
            models.UniqueConstraint(
                fields=["source", "source_event_id"], condition=Q(source__isnull=False), name="one_event_per_source_id"
            ),
            models.UniqueConstraint(
                fields=["user", "source_event_id"], condition=Q(user__isnull=False), name="one_event_per_user_id"
            ),
            models.CheckConstraint(
                condition=Q(source__isnull=False, user__isnull=True) | Q(source__isnull=True, user__isnull=False),
                name="event_said_by_one",
            ),
        ]
        indexes = [
            models.Index(fields=["order"], name="events_without_right", condition=~Q(lacked_scope="")),
            models.Index(F("payload__shipper__id"), name="packings_by_shipper", condition=Q(kind="shipment_packed")),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.stage or 'order'} {self.kind}"


class EventConflict(models.Model):
    """A report that reused a known `source_event_id` with other content: refused as a fact, kept as said."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    event = models.ForeignKey(StatusEvent, models.PROTECT, related_name="conflicts")
    order = models.ForeignKey(PatientOrder, models.PROTECT, related_name="event_conflicts")
    report = models.JSONField(help_text="The report as it came.")
    content_hash = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "content_hash"], name="one_conflict_per_content"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"conflict with {self.event_id}"
