"""What became of each order, for the key figures."""

from django.db import models

from supplychain.orders.models import FeedCursor, PatientOrder


class OrderOutcome(models.Model):
    """The moments of an order that the key figures are reckoned from. A projection of the stage runs and batches.

    Its own table because a year's figures would otherwise read some hundred thousand stage runs at each look.
    """

    order = models.OneToOneField(PatientOrder, models.PROTECT, primary_key=True, related_name="outcome")
    version = models.PositiveIntegerField(help_text="That of the order when this was read.")
    first_collected_at = models.DateTimeField(null=True, blank=True)
    collected_at = models.DateTimeField(null=True, blank=True, help_text="End of the newest completed collection.")
    released_at = models.DateTimeField(null=True, blank=True, help_text="Newest completed disposition.")
    ready_at = models.DateTimeField(null=True, blank=True, help_text="When the infusion could have started.")
    lost_reason = models.CharField(max_length=200, blank=True, help_text="Said when it was cancelled or closed.")
    attempts = models.JSONField(
        default=list, help_text="Of each: made, making failed, tests failed, released; ISO 8601 or null."
    )

    def __str__(self) -> str:
        return f"outcome of {self.order_id}"


class OutcomeCursor(FeedCursor):
    """Up to where of the change feed the outcomes are."""

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_outcome_cursor")]
