"""The forms of lanes and shippers."""

from supplychain.administration.forms import MasterDataForm
from supplychain.transport.models import Lane, Shipper


class LaneForm(MasterDataForm):
    """What can change of a lane."""

    class Meta:
        model = Lane
        fields = ("courier", "usual_hours", "customs_hours", "cut_offs", "is_active")
        labels = {"is_active": "In use"}
        help_texts = {"is_active": "Switched off, no shipment is judged by it."}


class NewLaneForm(MasterDataForm):
    """A new lane."""

    class Meta:
        model = Lane
        fields = ("from_site", "to_site", "courier", "usual_hours", "customs_hours", "cut_offs")
        labels = {"from_site": "From", "to_site": "To"}


QUALIFICATION = (
    "model", "courier", "coldest", "warmest", "hold_hours", "qualified_until", "qualification_record",
    "qualification_note",
)  # fmt: skip


# What a packing is compared with, said where it is written.
COMPARED = {
    "coldest": "In °C; empty: the range has no lower end. The whole range must lie inside the storage condition of a "
    "transport for which it is packed.",
    "warmest": "In °C; empty: the range has no upper end. Compared in the same way.",
    "hold_hours": "For how long after packing it is qualified to keep the range: so long the cold of a shipment counts "
    "whose packing does not say it.",
    "qualified_until": "The last day on which it may be packed, in the site's time zone; packed later, the shipment is "
    "flagged.",
}


class ShipperForm(MasterDataForm):
    """What can change of a shipper."""

    class Meta:
        model = Shipper
        fields = (*QUALIFICATION, "is_retired")
        labels = {"is_retired": "Retired"}
        help_texts = COMPARED | {
            "is_retired": "It is not to be packed any more; packed all the same, the shipment is flagged."
        }


class NewShipperForm(MasterDataForm):
    """A new shipper."""

    class Meta:
        model = Shipper
        fields = ("site", "number", *QUALIFICATION)
        help_texts = COMPARED
