"""The forms of a lane."""

from supplychain.administration.forms import MasterDataForm
from supplychain.transport.models import Lane


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
