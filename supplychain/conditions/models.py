"""Readings of the loggers that travel with cells, where they came from, and what they say."""

from datetime import UTC, datetime

from django.conf import settings
from django.db import models
from django.db.models import Q

from supplychain.audit.append_only import append_only
from supplychain.conditions.statuses import DeliveryStatus
from supplychain.ids import new_id
from supplychain.leases import Leasable
from supplychain.orders.models import PatientOrder
from supplychain.systems.models import SourceSystem
from supplychain.transport.models import Shipment
from supplychain.withdrawals import Withdrawable


class ReadingDelivery(Leasable):
    """Readings as somebody handed them in: a file, or one call of the interface.

    A file is kept as it came (ReadingFilePart) before it is read. `probe` (its column), `zone`, `unit`, `date_order`
    and `logger`: what it says of itself, or what somebody answered. `place`: how far whoever reads it has come, for
    the next one; `tries`: how often somebody began since it last went on.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="deliveries")
    source = models.ForeignKey(SourceSystem, models.PROTECT, null=True, blank=True, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    received_at = models.DateTimeField()
    file_name = models.CharField(max_length=200, blank=True, help_text="Empty: sent through the interface.")
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveBigIntegerField(default=0, help_text="Bytes of the file.")
    probe = models.CharField(max_length=80, blank=True)
    zone = models.CharField(max_length=64, blank=True)
    unit = models.CharField(max_length=1, blank=True)
    date_order = models.CharField(max_length=5, blank=True)
    logger = models.CharField(max_length=40, blank=True)
    is_sure = models.BooleanField(default=False, help_text="Somebody looked at the unit: it is right.")
    status = models.CharField(max_length=8, choices=DeliveryStatus.choices)
    place = models.JSONField(default=dict, blank=True, editable=False)
    looked_at = models.PositiveBigIntegerField(default=0, help_text="Bytes read so far; it is read twice.")
    tries = models.PositiveSmallIntegerField(default=0, editable=False)
    problem = models.CharField(max_length=400, blank=True, help_text="What is asked, or why it cannot be read.")
    readings = models.PositiveIntegerField(default=0, help_text="Readings in it.")
    fresh = models.PositiveIntegerField(default=0, help_text="Those that were not known.")
    differing = models.PositiveIntegerField(default=0, help_text="Those with another temperature than was known.")
    faulty = models.PositiveIntegerField(default=0, help_text="Lines that are no reading.")
    behind = models.PositiveIntegerField(default=0, help_text="Lines behind the last reading.")
    is_cut = models.BooleanField(default=False, help_text="It ends in the middle of a reading.")
    faults = models.JSONField(default=list, blank=True, help_text="Some of what could not be read or differs.")
    understood = models.JSONField(default=dict, blank=True, help_text="First and last moment, lowest and highest.")

    class Meta:
        ordering = ["-received_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["shipment", "sha256"], condition=~Q(sha256=""), name="one_delivery_per_reading_file"
            ),
            models.CheckConstraint(
                condition=Q(source__isnull=False, user__isnull=True) | Q(source__isnull=True, user__isnull=False),
                name="readings_sent_by_one",
            ),
        ]
        indexes = [
            models.Index(fields=["leased_until"], condition=Q(status="reading"), name="reading_files_at_work"),
        ]

    @property
    def is_taken(self) -> bool:
        """Whether its readings are stored."""
        return self.status == DeliveryStatus.TAKEN

    @property
    def is_being_read(self) -> bool:
        """Whether somebody is at it, or will be."""
        return self.status == DeliveryStatus.READING

    @property
    def asks(self) -> list[str]:
        """Names of what must be answered before it can be read (rules.forms.ASKED); none: the unit is doubted."""
        if self.status != DeliveryStatus.ASKS:
            return []
        known = {
            "probe": self.probe, "zone": self.zone or self.understood.get("has_offsets"),
            "unit": self.unit or not self.probe, "order": self.date_order, "logger": self.logger,
        }  # fmt: skip
        return [name for name, said in known.items() if not said]

    @property
    def percent(self) -> int:
        """How far it has been read."""
        return min(99, 50 * self.looked_at // self.size) if self.size else 0

    def __str__(self) -> str:
        return self.file_name or f"readings of {self.received_at:%d %b %H:%M}"


class ReadingFilePart(models.Model):
    """A piece of a logger's file as it came, packed with zlib: the original record."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    delivery = models.ForeignKey(ReadingDelivery, models.PROTECT, related_name="parts", db_index=False)
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        ordering = ["delivery", "number"]
        constraints = [models.UniqueConstraint(fields=["delivery", "number"], name="one_part_per_number")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"part {self.number}"


class LoggerReading(models.Model):
    """One temperature in °C. The table is in partitions by month of `read_at` (migration 0040, docs/adr/0022).

    No foreign key is checked row by row: whoever writes (actions) holds the shipment and the delivery.
    """

    pk = models.CompositePrimaryKey("shipment_id", "logger", "read_at")
    shipment = models.ForeignKey(Shipment, models.PROTECT, db_constraint=False, db_index=False, related_name="readings")
    logger = models.CharField(max_length=40)
    read_at = models.DateTimeField()
    temperature = models.DecimalField(max_digits=5, decimal_places=2, help_text="°C")
    delivery = models.ForeignKey(ReadingDelivery, models.PROTECT, db_constraint=False, db_index=False, related_name="+")

    class Meta:
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.temperature} °C"


class DifferingReading(models.Model):
    """Another temperature of a logger at a moment of which one was known: both are kept, and the worse one counts."""

    pk = models.CompositePrimaryKey("shipment_id", "logger", "read_at", "temperature")
    shipment = models.ForeignKey(Shipment, models.PROTECT, db_index=False, related_name="differing_readings")
    logger = models.CharField(max_length=40)
    read_at = models.DateTimeField()
    temperature = models.DecimalField(max_digits=5, decimal_places=2, help_text="°C")
    delivery = models.ForeignKey(ReadingDelivery, models.PROTECT, db_index=False, related_name="+")

    class Meta:
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.temperature} °C"


class LoggerRecord(models.Model):
    """What one logger says of one shipment as a whole: a projection of its readings. Temperatures in °C.

    `points`: seconds since 1970 and temperature, few enough for a chart, extremes kept; `outside`: readings before the
    shipment began or after it had ended, which have points of their own: a wrong clock stretches no chart.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="records")
    logger = models.CharField(max_length=40)
    count = models.PositiveIntegerField(default=0)
    outside = models.PositiveIntegerField(default=0)
    first_at = models.DateTimeField(null=True, blank=True)
    last_at = models.DateTimeField(null=True, blank=True)
    lowest = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    highest = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    mean_kinetic = models.FloatField(null=True, blank=True, help_text="Highest over 24 hours; empty: not applicable.")
    is_judged = models.BooleanField(default=False, help_text="The flow says at which temperature the cells are kept.")
    gaps = models.JSONField(default=list, blank=True)
    points = models.JSONField(default=list, blank=True)
    outside_from = models.DateTimeField(null=True, blank=True)
    outside_to = models.DateTimeField(null=True, blank=True)
    outside_points = models.JSONField(default=list, blank=True)
    judged_at = models.DateTimeField()

    class Meta:
        ordering = ["shipment", "logger"]
        constraints = [models.UniqueConstraint(fields=["shipment", "logger"], name="one_record_per_logger")]

    @property
    def seen_outside(self) -> list[tuple[datetime, float]]:
        """Some of the readings outside the shipment's time: moment and °C, with every extreme."""
        return [(datetime.fromtimestamp(at, UTC), temperature) for at, temperature in self.outside_points]

    def __str__(self) -> str:
        return self.logger


class Excursion(Withdrawable):
    """That the cells of a shipment were too warm or too cold, by one logger: a projection of readings and limits.
    Without a logger: that what the loggers say does not agree.

    `broken`: each limit that was broken, and when; `digest` tells it apart from what later readings make of it, so that
    a decision counts only for what was known.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey(PatientOrder, models.PROTECT, related_name="excursions")
    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="excursions", db_index=False)
    logger = models.CharField(max_length=40)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    worst = models.DecimalField(max_digits=5, decimal_places=2)
    broken = models.JSONField(default=list)
    digest = models.CharField(max_length=16)
    found_at = models.DateTimeField()

    class Meta(Withdrawable.Meta):
        constraints = [models.UniqueConstraint(fields=["shipment", "logger"], name="one_excursion_per_logger")]

    def __str__(self) -> str:
        return f"{self.logger or 'loggers that disagree'}: {self.worst} °C"
