"""What a person says of a view of the order list."""

from supplychain.pages.missing import RowForm
from supplychain.saved_views.models import SavedView


class SaveViewForm(RowForm):
    """A name for the filter that is shown."""

    class Meta:
        model = SavedView
        fields = ["name", "query"]
        error_messages = {"name": {"required": "Give the view a name.", "max_length": "Use at most 40 characters."}}


class RenameViewForm(RowForm):
    """Another name for a view."""

    class Meta:
        model = SavedView
        fields = ["name"]
        error_messages = SaveViewForm.Meta.error_messages
