"""What is due for judgement, in narrow tables of its own: whoever marks or claims never locks an order's row."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import models
from django.db.models import Count, Exists, Min, OuterRef, Q, Subquery
from django.db.models.functions import Least

from supplychain.orders.models.orders import PatientOrder, PatientOrderQuerySet


class Overdue(NamedTuple):
    """How many orders wait for their judgement, and since when the longest of them does."""

    number: int
    since: datetime | None


class DueOrderQuerySet(models.QuerySet):
    """Readings of what is due, named for who asks."""

    def due_among(self, order_ids: Collection[UUID], *, at: datetime) -> list[UUID]:
        """Those of the orders that are due: something was heard of them, or their moment has come."""
        marked = DueMark.objects.filter(Q(is_news=True) | Q(due_at__lte=at), order=OuterRef("order"))
        due = self.filter(Q(due_at__lte=at) | Exists(marked), order__in=order_ids)
        return list(due.values_list("order", flat=True))

    def overdue_among(self, orders: PatientOrderQuerySet, *, before: datetime) -> Overdue:
        """Of these orders those that are due since before that moment; one query."""
        marks = DueMark.objects.filter(due_at__lt=before).order_by()
        late = self.filter(due_at__lt=before).values("order").union(marks.values("order"))
        mark = DueMark.objects.filter(order=OuterRef("pk")).order_by("due_at").values("due_at")[:1]
        since = Min(Least("turn__due_at", Subquery(mark)))
        return Overdue(**orders.filter(pk__in=late).order_by().aggregate(number=Count("pk"), since=since))

    def longest_due(self) -> datetime | None:
        """Since when, or from when on, the next order to be judged is due; two queries by index."""
        moments = (rows.aggregate(at=Min("due_at"))["at"] for rows in (self, DueMark.objects))
        return min((at for at in moments if at), default=None)


class DueOrder(models.Model):
    """When the judgement of an order can change by itself; a row for every order, made by the database with it.

    Whoever judges the order holds this row (FOR NO KEY UPDATE SKIP LOCKED); nobody else locks it (docs/adr/0016).
    """

    order = models.OneToOneField(PatientOrder, models.PROTECT, primary_key=True, related_name="turn")
    due_at = models.DateTimeField(null=True, blank=True, help_text="When to look again though nothing was heard.")

    objects = DueOrderQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="due_by_time", condition=Q(due_at__isnull=False))]

    def __str__(self) -> str:
        return f"{self.order_id} {self.due_at}"


class DueMark(models.Model):
    """That something else than time has made an order due: what was heard of it, or a neighbour.

    Rows are only ever added, so that no writer waits for another, and deleted by the judgement that they led to. A mark
    stands from the moment its cause is committed, for it is written by the same transaction. Its order is no foreign
    key of the database: checking that would lock rows of thousands of orders, and no order is ever deleted.
    """

    id = models.BigAutoField(primary_key=True)
    order = models.ForeignKey(PatientOrder, models.PROTECT, related_name="+", db_constraint=False)
    due_at = models.DateTimeField()
    is_news = models.BooleanField(help_text="Something was heard of the order: judged before everything else.")

    class Meta:
        indexes = [models.Index(fields=["is_news", "due_at", "id"], name="marks_in_turn")]

    def __str__(self) -> str:
        return f"{self.order_id} {self.due_at}"
