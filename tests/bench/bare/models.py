"""Tables shaped and indexed like CellOps' events and orders, but without foreign keys and triggers."""

import uuid

from django.db import models

from supplychain.orders.statuses import EVENT_KINDS


class BareEvent(models.Model):
    """One reported event."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    order_id = models.UUIDField()
    position = models.PositiveIntegerField()
    attempt = models.PositiveSmallIntegerField(null=True, blank=True)
    kind = models.CharField(max_length=12, choices=list(EVENT_KINDS.items()))
    stage = models.CharField(max_length=40, blank=True)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    source_id = models.UUIDField()
    source_event_id = models.CharField(max_length=100)
    resource = models.CharField(max_length=80, blank=True)
    payload = models.JSONField(default=dict, blank=True)
    content_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        managed = False
        app_label = "bare"
        db_table = "bench_event"

    def __str__(self) -> str:
        return f"{self.stage} {self.kind}"


class BareOrder(models.Model):
    """One order; only what an event changes."""

    id = models.UUIDField(primary_key=True)
    status = models.CharField(max_length=12)
    version = models.PositiveIntegerField()
    last_recorded_at = models.DateTimeField(null=True)
    seal = models.CharField(max_length=64)

    class Meta:
        managed = False
        app_label = "bare"
        db_table = "bench_order"

    def __str__(self) -> str:
        return str(self.pk)
