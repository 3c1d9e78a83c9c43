"""Who holds a patient's cells, as rows that lists and other systems can ask."""

from datetime import datetime

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from supplychain.custody.statuses import GapKind, LinkEnd, LinkState
from supplychain.ids import new_id
from supplychain.orders.models import PatientOrder, StatusEvent
from supplychain.orders.statuses import Ending, Holder
from supplychain.sites.models import Site
from supplychain.withdrawals import Withdrawable

HOLDERS = [*Holder.choices, *Ending.choices]


class CustodyEntry(Withdrawable):
    """Somebody held the cells of one order. A projection of its stage runs and hand-overs (rules.holdings)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey(PatientOrder, models.PROTECT, related_name="custody")
    position = models.PositiveSmallIntegerField(help_text="Place in the order's chain of custody, from 1.")
    holder = models.CharField(max_length=20, choices=HOLDERS)
    site = models.ForeignKey(Site, models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=80, blank=True, help_text="Name of the courier.")
    place = models.CharField(max_length=80, blank=True, help_text="Where in the holder's house.")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True, help_text="Empty: holds them still.")
    stage = models.CharField(max_length=40, blank=True, help_text="Stage whose report says so; empty: none does.")
    attempt = models.PositiveSmallIntegerField(default=1)
    kind = models.CharField(max_length=12, blank=True)
    event = models.ForeignKey(
        StatusEvent, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        help_text="The hand-over that says so; empty: none does.",
    )  # fmt: skip
    gap = models.CharField(max_length=16, choices=GapKind.choices, blank=True)
    gap_said = models.JSONField(default=dict, blank=True, help_text="What is amiss, for its flag.")

    class Meta(Withdrawable.Meta):
        ordering = ["order", "position"]
        verbose_name_plural = "custody entries"
        indexes = [
            models.Index(
                Upper("name"), F("since").desc(), name="custody_by_courier",
                condition=Q(until__isnull=True, withdrawn_at__isnull=True) & ~Q(name=""),
            ),
            models.Index(fields=["-since", "-id"], name="custody_by_time", condition=Q(withdrawn_at__isnull=True)),
            models.Index(fields=["order"], name="custody_gaps", condition=~Q(gap="") & Q(withdrawn_at__isnull=True)),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.name or self.get_holder_display()}, {self.order}"


@pghistory.track()
class HandOverLink(models.Model):
    """A link for the telephone of a driver whose courier has no system: for one hand-over, and nothing else.

    Of its token only the hash is kept. `driver`: the name that was typed when it was used; `refused`: what was tried in
    vain, the last first (actions.links.keep_refused)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey(PatientOrder, models.PROTECT, related_name="hand_over_links")
    stage = models.CharField(max_length=40)
    attempt = models.PositiveSmallIntegerField()
    end = models.CharField(max_length=12, choices=LinkEnd.choices)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)
    driver = models.CharField(max_length=80, blank=True)
    event = models.ForeignKey(
        StatusEvent, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        help_text="What was reported with it.",
    )  # fmt: skip
    refused = models.JSONField(
        default=list, blank=True, help_text="What was tried with it and not recorded: when, by whom, why."
    )

    class Meta:
        ordering = ["-made_at"]
        verbose_name, verbose_name_plural = "driver's link", "drivers' links"
        constraints = [
            models.CheckConstraint(
                condition=Q(used_at__isnull=True, event__isnull=True) | Q(used_at__isnull=False, event__isnull=False),
                name="link_used_for_a_report",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="link_revoked_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_end_display()}, {self.order}"

    def state_at(self, now: datetime) -> LinkState:
        """What it is good for at `now`."""
        if self.used_at:
            return LinkState.USED
        if self.revoked_at:
            return LinkState.REVOKED
        return LinkState.EXPIRED if self.expires_at <= now else LinkState.OPEN
