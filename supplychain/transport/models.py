"""Collections (apheresis), shipments (cells to the plant, dose to the infusion site), and the lanes and shippers they
go by."""

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from supplychain.flows.rules.checklists import ANTICOAGULANTS, KNOWN, PRESERVATION
from supplychain.flows.statuses import Direction
from supplychain.ids import new_id
from supplychain.names import NameField
from supplychain.orders.models import StageRun
from supplychain.sites.models import Site
from supplychain.transport.statuses import CollectionStatus, ShipmentStatus
from supplychain.withdrawals import Withdrawable


class Shipment(Withdrawable):
    """One transport of one order. A projection of its stage run."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    stage_run = models.OneToOneField(StageRun, models.PROTECT, related_name="shipment")
    direction = models.CharField(max_length=10, choices=Direction.choices)
    from_site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    to_site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, choices=ShipmentStatus.choices)
    courier = models.CharField(max_length=80, blank=True)
    tracking_number = models.CharField(max_length=64, blank=True)
    planned_pickup_at = models.DateTimeField(null=True, blank=True)
    planned_delivery_at = models.DateTimeField(null=True, blank=True)
    picked_up_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    shipper_number = models.CharField(max_length=64, blank=True)
    expected_delivery_at = models.DateTimeField(
        null=True, blank=True, help_text="As it was said last: planned, or moved since. Empty: nobody knows."
    )
    arrival_unknown = models.BooleanField(default=False, help_text="Somebody said that nobody knows when it arrives.")
    delays = models.JSONField(default=list, blank=True, help_text="Every delay and rerouting that was said of it.")
    qualified_until = models.DateTimeField(null=True, blank=True, help_text="The shipper's cold is guaranteed to here.")
    packing = models.JSONField(default=dict, blank=True, help_text="The newest report of its packing.")
    unpacking = models.JSONField(default=dict, blank=True, help_text="The newest report of its unpacking.")
    packaging_faults = models.JSONField(
        default=list, blank=True, help_text="What is amiss with them: of each its code, its words, if it is critical."
    )

    class Meta(Withdrawable.Meta):
        indexes = [
            # Whichever capitals its sender uses, the newest first.
            models.Index(
                Upper("shipper_number"),
                F("picked_up_at").desc(nulls_last=True),
                name="shipments_by_shipper",
                condition=~Q(shipper_number=""),
            ),
            models.Index(
                Upper("courier"),
                F("picked_up_at").desc(nulls_last=True),
                name="shipments_by_courier",
                condition=~Q(courier=""),
            ),
            models.Index(
                fields=["status"],
                name="shipments_under_way",
                condition=Q(status__in=(ShipmentStatus.PLANNED, ShipmentStatus.IN_TRANSIT)),
            ),
            models.Index(fields=["stage_run"], name="shipments_with_faults", condition=~Q(packaging_faults=[])),
        ]

    def __str__(self) -> str:
        return self.tracking_number or f"{self.get_direction_display()} shipment"


class Collection(Withdrawable):
    """An apheresis appointment and what came of it. A projection of its stage run."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    stage_run = models.OneToOneField(StageRun, models.PROTECT, related_name="collection")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, choices=CollectionStatus.choices)
    donation_number = models.CharField(max_length=64, blank=True, help_text="ISBT 128 donation identification number.")
    planned_start_at = models.DateTimeField(null=True, blank=True)
    planned_end_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    kit_number = models.CharField(max_length=64, blank=True)
    kit_lot = models.CharField(max_length=64, blank=True)
    kit_expires_on = models.DateField(null=True, blank=True)
    anticoagulant = models.CharField(max_length=40, choices=ANTICOAGULANTS, blank=True)
    volume_ml = models.FloatField(null=True, blank=True)
    nucleated_cells_e9 = models.FloatField(null=True, blank=True, help_text="Nucleated cells, ×10⁹.")
    cd3_cells_e9 = models.FloatField(null=True, blank=True, help_text="CD3+ cells, ×10⁹.")
    viability_percent = models.FloatField(null=True, blank=True)
    haematocrit_percent = models.FloatField(null=True, blank=True)
    preservation = models.CharField(max_length=10, choices=KNOWN[PRESERVATION].choices, blank=True)
    answers = models.JSONField(default=dict, blank=True, help_text="The newest answer to each item, by its code.")
    open_points = models.JSONField(
        default=list, blank=True, help_text="With which it ended: of each its code, words, if critical, if missing."
    )

    class Meta(Withdrawable.Meta):
        indexes = [
            models.Index(Upper("kit_lot"), name="collections_by_kit_lot", condition=~Q(kit_lot="")),
            models.Index(fields=["stage_run"], name="collections_left_open", condition=~Q(open_points=[])),
        ]

    def __str__(self) -> str:
        return self.donation_number or "collection"


# Longer than any way on which cells are sent, its customs included.
MOST_HOURS = 720


@pghistory.track()
class Lane(models.Model):
    """The usual way of a courier from one site to another."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    from_site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    to_site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    courier = NameField(
        max_length=80,
        blank=True,
        help_text="As the courier's system and people write it; empty: whichever courier has no lane of its own here.",
    )
    usual_hours = models.FloatField(
        validators=[MinValueValidator(0.1), MaxValueValidator(MOST_HOURS)],
        help_text="From pickup to delivery, without customs.",
    )
    customs_hours = models.FloatField(
        default=0, validators=[MinValueValidator(0), MaxValueValidator(MOST_HOURS)], help_text="Usual time at customs."
    )
    cut_offs = ArrayField(
        models.TimeField(),
        default=list,
        blank=True,
        verbose_name="cut-off times",
        help_text="In the time zone of the origin, such as 16:30; several with commas between. What is picked up after "
        "the last one leaves with the first one of the next day.",
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["from_site__code", "to_site__code", "courier"]
        constraints = [
            models.UniqueConstraint(
                "from_site", "to_site", Upper("courier"), name="one_lane_a_courier",
                violation_error_message="There is a lane of this courier between these sites already: open that one.",
            ),
            models.CheckConstraint(
                condition=~Q(from_site=F("to_site")), name="lane_between_two_sites",
                violation_error_message="A lane goes from one site to another.",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.from_site} – {self.to_site}{f', {self.courier}' if self.courier else ''}"


COLDEST, WARMEST = -273.15, 200
IN_DEGREES = [MinValueValidator(COLDEST), MaxValueValidator(WARMEST)]


@pghistory.track()
class Shipper(models.Model):
    """A container in which cells travel, and for what it is qualified."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", help_text="Answers for its qualification.")
    number = NameField(max_length=64, help_text="As on the shipper: its serial number or the code that is scanned.")
    model = NameField(max_length=80, help_text="Type or model, as its manufacturer calls it.")
    courier = NameField(
        max_length=80, blank=True, help_text="Whose it is, where a courier owns it; empty: it belongs to the site."
    )
    coldest = models.FloatField(
        null=True, blank=True, validators=IN_DEGREES, help_text="In °C; empty: the range has no lower end."
    )
    warmest = models.FloatField(
        null=True, blank=True, validators=IN_DEGREES, help_text="In °C; empty: the range has no upper end."
    )
    hold_hours = models.FloatField(
        validators=[MinValueValidator(0.1), MaxValueValidator(MOST_HOURS)],
        help_text="For how long after packing it is qualified to keep the range.",
    )
    qualified_until = models.DateField(help_text="The last day on which it may be packed, in the site's time zone.")
    qualification_record = NameField(max_length=120, help_text="Number of the record that says so.")
    qualification_note = NameField(max_length=200, blank=True)
    is_retired = models.BooleanField(default=False)

    class Meta:
        ordering = ["site__code", "number"]
        constraints = [
            models.UniqueConstraint(
                "site", Upper("number"), name="one_shipper_a_number",
                violation_error_message="There is a shipper with this number at this site already: open that one.",
            ),
            models.CheckConstraint(
                condition=Q(coldest__isnull=False) | Q(warmest__isnull=False), name="shipper_has_a_range",
                violation_error_message="Write the coldest or the warmest temperature for which it is qualified.",
            ),
            models.CheckConstraint(
                condition=Q(coldest__isnull=True) | Q(warmest__isnull=True) | Q(coldest__lt=F("warmest")),
                name="shipper_range_in_order",
                violation_error_message="The coldest temperature must be below the warmest.",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.number}, {self.model}"
