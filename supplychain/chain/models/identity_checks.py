"""Identity checks: every code that was read to verify whose cells these are."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from supplychain.audit.append_only import append_only
from supplychain.chain.statuses import CheckOutcome, CheckPlace
from supplychain.identifiers.rules.codes import LONGEST_CODE
from supplychain.ids import new_id
from supplychain.orders.models import PatientOrder
from supplychain.systems.models import SourceSystem

# What only a comparison with an order in hand can find.
OF_AN_ORDER = (CheckOutcome.MATCH, CheckOutcome.UNFIT, CheckOutcome.MISMATCH)


class IdentityCheck(models.Model):
    """A code that somebody read with an order in hand (or none), kept as read. Append-only.

    `read_at` is their clock, `recorded_at` ours. `client_id` is the sender's own id: the same one sent twice is one
    check. `other_order` is shown only to who may see that order.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey(
        PatientOrder, models.PROTECT, null=True, blank=True, related_name="identity_checks", db_index=False,
        help_text="The order in hand; empty: none was.",
    )  # fmt: skip
    stage = models.CharField(max_length=40, blank=True, help_text="Code of the stage it was made for; empty: none.")
    place = models.CharField(max_length=12, choices=CheckPlace.choices)
    outcome = models.CharField(max_length=10, choices=CheckOutcome.choices)
    read = models.CharField(max_length=LONGEST_CODE, help_text="What was read, hidden characters included.")
    read_kind = models.CharField(max_length=16, blank=True, help_text="As what kind of number it was understood.")
    read_value = models.CharField(max_length=LONGEST_CODE, blank=True, help_text="The number as it was understood.")
    why = models.CharField(max_length=500, help_text="What was answered.")
    other_order = models.ForeignKey(
        PatientOrder, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        help_text="The other order to which it leads.",
    )  # fmt: skip
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    source = models.ForeignKey(SourceSystem, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    device = models.CharField(max_length=200, blank=True)
    client_id = models.CharField(max_length=100, help_text="The sender's own id of this check.")
    read_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "client_id"], condition=Q(source__isnull=False), name="one_check_per_source_id"
            ),
            models.UniqueConstraint(
                fields=["user", "client_id"], condition=Q(user__isnull=False), name="one_check_per_user_id"
            ),
            models.CheckConstraint(
                condition=Q(source__isnull=False, user__isnull=True) | Q(source__isnull=True, user__isnull=False),
                name="check_made_by_one",
            ),
            models.CheckConstraint(
                condition=Q(order__isnull=False) | ~Q(outcome__in=OF_AN_ORDER),
                name="check_compared_with_an_order",
            ),
        ]
        indexes = [
            models.Index(fields=["order", "recorded_at", "id"], name="checks_of_order"),
            models.Index(fields=["recorded_at"], name="checks_by_time"),
            # Which orders have one is asked at every judgement, of all but a few in vain.
            models.Index(fields=["order"], name="checks_mismatched", condition=Q(outcome=CheckOutcome.MISMATCH)),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} {self.read_value or self.read}"
