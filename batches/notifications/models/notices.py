"""What administrators are told of the machinery itself, which is no flag of an order."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from batches.notifications.models.notifications import Mail
from supplychain.audit.models import RefusedSigning
from supplychain.ids import new_id
from supplychain.orders.models import PatientOrder
from supplychain.sites.models import Site


class ReviewNotice(models.Model):
    """That the pools of a site cannot be reviewed, told to one of its administrators: once, until it works again."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    failing_since = models.DateTimeField(help_text="Since when no review could be made.")
    why = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True, help_text="When a review succeeded again.")
    mail = models.ForeignKey(Mail, models.SET_NULL, null=True, blank=True, related_name="notices")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["site", "person"], condition=Q(ended_at__isnull=True), name="one_open_review_notice"
            )
        ]

    def __str__(self) -> str:
        return f"{self.site} to {self.person}, {self.created_at:%Y-%m-%d %H:%M}"


class SigningNotice(models.Model):
    """That somebody could not sign, told to one person who has to know of it: one for each signer and order until that
    person has seen it, however often it is tried (21 CFR 11.300(d))."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    refused = models.ForeignKey(RefusedSigning, models.PROTECT, related_name="notices")
    order = models.ForeignKey(PatientOrder, models.PROTECT, related_name="+", db_index=False)
    signer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True, help_text="When the person had seen it.")
    mail = models.ForeignKey(Mail, models.SET_NULL, null=True, blank=True, related_name="signing_notices")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "order", "signer"], condition=Q(ended_at__isnull=True), nulls_distinct=False,
                name="one_open_signing_notice",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.signer} to {self.person}, {self.created_at:%Y-%m-%d %H:%M}"
