"""Products and their versioned journeys."""

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from supplychain.flows.statuses import Direction, StageKind, StagePlace
from supplychain.ids import new_id
from supplychain.names import NameField


@pghistory.track()
class Product(models.Model):
    """A therapy that can be ordered."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.SlugField(unique=True)
    name = NameField(max_length=120)
    is_active = models.BooleanField(default=True)
    requirements = models.TextField(
        blank=True,
        max_length=2_000,
        help_text="What a centre must know and provide before it orders; one requirement a line.",
    )

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


@pghistory.track(exclude=["definition"])
class Flow(models.Model):
    """One version of a product's journey; an order keeps the version it started with.

    Never changed once loaded, but for which version is current and which flow the default.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    product = models.ForeignKey(Product, models.PROTECT, related_name="flows")
    code = models.SlugField(help_text="Name of the journey, for example car_t_fresh.")
    version = models.PositiveIntegerField()
    name = NameField(max_length=120)
    restart_stage = models.CharField(max_length=40, help_text="A new attempt re-opens this stage and all that follow.")
    definition = models.JSONField(help_text="The checked file, as loaded.")
    signed_acts = models.JSONField(default=list, blank=True, help_text="Which decisions of people are signed.")
    is_default = models.BooleanField(default=False, help_text="Used when an order names no flow.")
    is_current = models.BooleanField(default=True, help_text="New orders of this journey take this version.")
    loaded_at = models.DateTimeField()

    class Meta:
        ordering = ["product", "code", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["product", "code", "version"], name="one_flow_per_version"),
            models.UniqueConstraint(fields=["product", "code"], condition=Q(is_current=True), name="one_current_flow"),
            models.UniqueConstraint(
                fields=["product"], condition=Q(is_current=True, is_default=True), name="one_default_flow_per_product"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product.code}/{self.code} v{self.version}"


class Stage(models.Model):
    """One step of a flow: what it waits for, how long it may take (hours), and the pool it needs."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    flow = models.ForeignKey(Flow, models.CASCADE, related_name="stages")
    position = models.PositiveSmallIntegerField(help_text="Order on the board: a stage stands after all it waits for.")
    code = models.CharField(max_length=40)
    name = NameField(max_length=80)
    kind = models.CharField(max_length=20, choices=StageKind.choices)
    after = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    planned_hours = models.FloatField()
    worst_hours = models.FloatField()
    longest_wait_hours = models.FloatField(null=True, blank=True, help_text="Longest permitted wait before it.")
    pool = models.CharField(max_length=40, blank=True, help_text="Code of the pool it needs at the site that does it.")
    keeps_pool = models.BooleanField(default=False, help_text="Goes on in the place held by the stage before it.")
    place = models.CharField(max_length=20, choices=StagePlace.choices)
    direction = models.CharField(max_length=10, choices=Direction.choices, blank=True)
    may_end_after_release = models.BooleanField(default=False, help_text="The dose may go before this has ended.")
    words = models.JSONField(default=dict, blank=True, help_text="What a treatment centre reads of it, by phase.")
    storage = models.JSONField(default=dict, blank=True, help_text="At which temperature the cells are kept meanwhile.")
    checklist = models.JSONField(default=list, blank=True, help_text="What is asked of a collection.")
    frozen_for_hours = models.FloatField(
        null=True, blank=True, help_text="How long frozen cells of a collection may be kept, also before the order."
    )
    packing = models.JSONField(default=list, blank=True, help_text="What is asked when a transport is packed.")
    unpacking = models.JSONField(default=list, blank=True, help_text="What is asked when it is unpacked.")
    two_people = models.JSONField(default=list, blank=True, help_text="At which of its reports two people sign.")

    class Meta:
        ordering = ["flow", "position"]
        constraints = [
            models.UniqueConstraint(fields=["flow", "code"], name="one_stage_per_code"),
            models.UniqueConstraint(fields=["flow", "position"], name="one_stage_per_position"),
            models.CheckConstraint(
                condition=Q(worst_hours__gte=models.F("planned_hours")), name="worst_not_below_planned"
            ),
        ]

    def __str__(self) -> str:
        return self.name
