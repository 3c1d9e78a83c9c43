"""What one shift tells the next."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from supplychain.audit.append_only import append_only
from supplychain.ids import new_id
from supplychain.sites.models import Site


class HandOver(models.Model):
    """What a person handing over said of a stretch of time at a site, with its figures as they were then; kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    site = models.ForeignKey(Site, models.PROTECT, related_name="handovers", db_index=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    person = models.CharField(max_length=150, help_text="The person's name, as shown then.")
    text = models.CharField(max_length=4000)
    from_at = models.DateTimeField()
    to_at = models.DateTimeField()
    made_at = models.DateTimeField()
    figures = models.JSONField(default=dict, help_text="How many flags were raised, cleared, open …")

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.CheckConstraint(condition=Q(to_at__gt=F("from_at")), name="handover_ends_after_start"),
        ]
        indexes = [models.Index(fields=["site", "-made_at"], name="handovers_of_site")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.site}, {self.made_at:%Y-%m-%d %H:%M}"


class TakeOver(models.Model):
    """That whoever comes has read a hand-over and takes the shift over; kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    handover = models.OneToOneField(HandOver, models.PROTECT, related_name="take_over")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    person = models.CharField(max_length=150, help_text="The person's name, as shown then.")
    remark = models.CharField(max_length=500, blank=True)
    taken_at = models.DateTimeField()

    class Meta:
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.person}, {self.taken_at:%Y-%m-%d %H:%M}"
