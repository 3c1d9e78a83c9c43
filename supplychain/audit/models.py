"""Electronic signatures (21 CFR 11.50, 11.70; Annex 11 §14)."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from supplychain.audit.append_only import append_only
from supplychain.audit.statuses import Factor, SignedAct
from supplychain.ids import new_id


class Signature(models.Model):
    """One person's signature under one event of an order, which is theirs. Append-only.

    Names, role and meaning are kept as they were: whoever marries or leaves has signed under the name of that day.
    `digest`: SHA-256 (hexadecimal) of the event and of all that this row says (orders.rules.signing.SignedVersion), so
    that neither is changed or put under another event without being noticed.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    event = models.OneToOneField("supplychain.StatusEvent", models.PROTECT, related_name="signature")
    order = models.ForeignKey("supplychain.PatientOrder", models.PROTECT, related_name="signatures", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="signatures", db_index=False)
    printed_name = models.CharField(max_length=320)
    role = models.CharField(max_length=200, help_text="In words, with the place where the person had it.")
    act = models.CharField(max_length=20, choices=SignedAct.choices)
    meaning = models.CharField(max_length=300)
    signed_at = models.DateTimeField()
    factors = ArrayField(models.CharField(max_length=20, choices=Factor.choices), help_text="What the person showed.")
    digest = models.CharField(max_length=64)

    class Meta:
        indexes = [
            models.Index(fields=["order", "-signed_at"], name="signatures_of_order"),
            models.Index(fields=["user", "-signed_at"], name="signatures_of_person"),
            models.Index(fields=["-signed_at"], name="signatures_by_time"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.meaning}, {self.printed_name}, {self.signed_at:%Y-%m-%d %H:%M}"

    @property
    def factor_words(self) -> str:
        """What the person showed: “password and code of the app”."""
        return " and ".join(Factor(factor).label for factor in self.factors)


class RefusedSigning(models.Model):
    """An attempt to sign with a password or code that was wrong, or of somebody who may not (21 CFR 11.300(d)).
    Append-only, without what was typed.

    `user`: whose signature it would have been (empty: nobody has the name); `by`: who was signed in.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey("supplychain.PatientOrder", models.PROTECT, related_name="+", db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    means = models.CharField(max_length=300, help_text="What the signature would have said.")
    why = models.CharField(max_length=300)
    address = models.CharField(max_length=64, blank=True, help_text="Network address of the browser.")
    refused_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["order", "-refused_at"], name="refused_signings_of_order")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.user or 'nobody known'}, {self.refused_at:%Y-%m-%d %H:%M}"
