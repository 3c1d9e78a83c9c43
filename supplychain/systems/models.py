"""Systems that report to us."""

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from oauth2_provider.settings import oauth2_settings

from supplychain.identifiers.rules.characters import likeness
from supplychain.ids import new_id
from supplychain.names import NameField
from supplychain.sites.models import Site
from supplychain.systems.statuses import SourceKind


@pghistory.track()
class SourceSystem(models.Model):
    """A hospital record, MES, laboratory, courier or logger: its OAuth client, its sites, its scopes."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.SlugField(unique=True)
    name = NameField(max_length=120)
    kind = models.CharField(max_length=20, choices=SourceKind.choices)
    application = models.OneToOneField(
        oauth2_settings.APPLICATION_MODEL, models.PROTECT, null=True, blank=True, related_name="source_system"
    )
    sites = models.ManyToManyField(
        Site, related_name="source_systems", help_text="It sees and writes only their orders."
    )
    scopes = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    request_limit = models.PositiveIntegerField(
        null=True, blank=True, help_text="Requests in ten seconds; empty: as many as any other."
    )
    is_active = models.BooleanField(default=True)
    secret_set_at = models.DateTimeField(null=True, blank=True, help_text="When its client got the secret it has.")

    class Meta:
        verbose_name, verbose_name_plural = "system", "systems"
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """No two systems are called alike, one that was switched off neither: people read “sent by” and a name."""
        others = SourceSystem.objects.exclude(pk=self.pk).values_list("name", flat=True)
        if likeness(self.name) in map(likeness, others):
            text = f"Another system is called “{self.name}”, or nearly so: add whose it is, its site or department."
            raise ValidationError({"name": text})


@pghistory.track(obj_field=None)
class SourceSite(SourceSystem.sites.through):
    """The right of a source to one site's orders; it stands here so that giving and taking it is kept."""

    class Meta:
        proxy = True
        verbose_name, verbose_name_plural = "site of a system", "sites of systems"

    def __str__(self) -> str:
        return f"{self.sourcesystem} at {self.site}"
