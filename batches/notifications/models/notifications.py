"""Who was told of a flag's flip, by which way, and what each person wants to be told."""

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from batches.flags.models import Flag, FlagChange
from batches.judgement.statuses import Severity
from batches.notifications.statuses import DigestEvery, NotificationKind
from supplychain.ids import new_id
from supplychain.leases import Leasable
from supplychain.orders.models import PatientOrder
from supplychain.people.statuses import ACTING_CHOICES
from supplychain.sites.models import Site


class PendingFlip(models.Model):
    """A flip of which people have still to be told, or whose escalation runs. A trigger on FlagChange writes the row.

    In the flip's own transaction: no crash, lost message or late commit comes between the two.
    """

    # Without a foreign key in the database: flips are never deleted, and the judgement writes them by the thousand.
    change = models.OneToOneField(
        FlagChange, models.DO_NOTHING, primary_key=True, db_column="id", related_name="pending", db_constraint=False
    )
    due_at = models.DateTimeField(db_index=True)
    told_at = models.DateTimeField(null=True, blank=True, help_text="When the first people were told.")
    steps_done = models.PositiveSmallIntegerField(default=0, help_text="Steps of the escalation taken so far.")

    def __str__(self) -> str:
        return f"due {self.due_at:%Y-%m-%d %H:%M}"


class Mail(Leasable):
    """One e-mail to one person, kept from the moment at which it was decided on. At most one is open a person, and one
    of alarms (a dose or an identity in doubt), which wait for nothing."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="mails")
    is_critical = models.BooleanField(default=False)
    is_alarm = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True, help_text="When to try (again); empty: done.")
    attempts = models.PositiveSmallIntegerField(default=0)
    server_down = models.BooleanField(default=False, help_text="The last attempt did not reach the mail server.")
    last_error = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "is_alarm"],
                condition=Q(sent_at__isnull=True, given_up_at__isnull=True),
                name="one_open_mail_per_person",
            ),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(given_up_at__isnull=True), name="mail_sent_or_given_up"
            ),
        ]
        indexes = [models.Index(fields=["due_at"], name="mails_due", condition=Q(due_at__isnull=False))]

    def __str__(self) -> str:
        return f"to {self.person}, {self.created_at:%Y-%m-%d %H:%M}"


class Notification(models.Model):
    """One message to one person about one flip. `closed_at`: the flag was cleared, nothing is left to do."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications", db_index=False)
    order = models.ForeignKey(PatientOrder, models.PROTECT, related_name="+", db_index=False)
    flag = models.ForeignKey(Flag, models.PROTECT, related_name="notifications", db_index=False)
    change = models.ForeignKey(FlagChange, models.PROTECT, related_name="notifications", db_index=False)
    kind = models.CharField(max_length=16, choices=NotificationKind.choices)
    severity = models.CharField(max_length=10, choices=Severity.choices)
    role = models.CharField(max_length=20, choices=ACTING_CHOICES, help_text="The role as which the person was told.")
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    email_due_at = models.DateTimeField(null=True, blank=True, help_text="Empty: not to be mailed.")
    mail = models.ForeignKey(Mail, models.SET_NULL, null=True, blank=True, related_name="notifications")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "change", "kind"], name="one_notification_per_flip_and_person")
        ]
        indexes = [
            models.Index(
                fields=["person", "order"],
                name="unread_notifications",
                condition=Q(read_at__isnull=True, closed_at__isnull=True),
            ),
            models.Index(fields=["person", "order", "-id"], name="inbox_by_order"),
            models.Index(fields=["flag"], name="notifications_to_close", condition=Q(closed_at__isnull=True)),
            models.Index(
                fields=["email_due_at"],
                name="notifications_to_mail",
                condition=Q(email_due_at__isnull=False, mail__isnull=True),
            ),
            models.Index(fields=["created_at"], name="notifications_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.created_at:%Y-%m-%d %H:%M}"


@pghistory.track()
class NotificationPreference(models.Model):
    """What a person wants to be told by e-mail, and when. Without a row the defaults hold."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="notification_preference"
    )
    email_critical = models.BooleanField("Critical flags, at once", default=True)
    email_attention = models.BooleanField("Other flags, in a digest", default=True)
    digest_minutes = models.PositiveSmallIntegerField(
        "How often the digest", choices=DigestEvery.choices, default=DigestEvery.HOUR
    )
    quiet_from = models.TimeField(null=True, blank=True, help_text="In the person's time zone.")
    quiet_to = models.TimeField(null=True, blank=True)
    muted = ArrayField(models.UUIDField(), default=list, blank=True, help_text="Memberships as which nothing is told.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_to__isnull=True)
                | Q(quiet_from__isnull=False, quiet_to__isnull=False),
                name="quiet_from_with_to",
            )
        ]

    def __str__(self) -> str:
        return str(self.person)


@pghistory.track()
class EscalationStep(models.Model):
    """Whom a plant tells next when nobody has acknowledged a critical flag. Without any row the usual chain holds."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    site = models.ForeignKey(Site, models.CASCADE, related_name="escalation_steps")
    after_minutes = models.PositiveSmallIntegerField(help_text="Minutes since the first people were told.")
    role = models.CharField(max_length=20, choices=ACTING_CHOICES)

    class Meta:
        ordering = ["site", "after_minutes"]
        constraints = [
            models.UniqueConstraint(fields=["site", "after_minutes"], name="one_escalation_per_moment"),
            models.UniqueConstraint(fields=["site", "role"], name="one_escalation_per_role"),
            models.CheckConstraint(condition=Q(after_minutes__gte=1), name="escalation_takes_a_minute"),
        ]

    def __str__(self) -> str:
        return f"{self.site}: {self.get_role_display()} after {self.after_minutes} min"
