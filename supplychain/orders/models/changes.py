"""The change feed: a row for each change of an order, flag or forecast, written by the database (change_trigger.py)."""

from django.db import models

from supplychain.orders.models.notice_kinds import NoticeKind
from supplychain.orders.models.orders import PatientOrder


class ChangeNotice(models.Model):
    """That something of an order changed, for systems that keep a copy; it says where to look, not what is there.

    `transaction` is the one that made the change. Numbers are given out before transactions end, so neither ids nor
    clocks say in which order changes become visible: a reader who has seen number 7 may still miss number 6. Readers
    therefore go by (transaction, id) and only up to the oldest transaction that is still at work: below it nothing is
    to come (docs/adr/0014). Rows are forgotten after a month. The database writes `order` from the changed row itself,
    which points at the order under a constraint of its own: looking it up once more would cost each event and flag.
    """

    id = models.BigAutoField(primary_key=True)
    transaction = models.BigIntegerField()
    order = models.ForeignKey(PatientOrder, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    kind = models.CharField(max_length=10, choices=NoticeKind.choices)
    subject = models.UUIDField(help_text="Id of the order, flag or forecast.")
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["transaction", "id"], name="changes_in_order"),
            models.Index(fields=["changed_at"], name="changes_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class FeedCursor(models.Model):
    """Up to where of the change feed a projection is: the oldest transaction then at work, and of which database.

    One row at most (actions/feed_cursors.py). Without it all is made anew.
    """

    database = models.CharField(max_length=60)
    transaction = models.BigIntegerField()
    read_at = models.DateTimeField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"Up to transaction {self.transaction}"
