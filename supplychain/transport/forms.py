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


class ShipperForm(MasterDataForm):
    """What can change of a shipper."""

    class Meta:
        model = Shipper
        fields = (*QUALIFICATION, "is_retired")
        labels = {"is_retired": "Retired"}
        help_texts = {"is_retired": "It is not to be packed any more."}


class NewShipperForm(MasterDataForm):
    """A new shipper."""

    class Meta:
        model = Shipper
        fields = ("site", "number", *QUALIFICATION)
