"""The forms of a flow file, uploaded or pasted, and of a product."""

from typing import Any

from django import forms

from supplychain.administration.forms import MasterDataForm, reason_field
from supplychain.flows.models import Product
from supplychain.flows.rules.files import LARGEST_FILE
from supplychain.pages.missing import PlainForm
from supplychain.reasons import TOO_SHORT, is_no_reason

CHECK, LOAD = "check", "load"


class FlowFileForm(PlainForm):
    """A flow as text. A file replaces what stands in the field; the reason is needed to load, not to check."""

    file = forms.FileField(
        required=False,
        label="Upload a file",
        widget=forms.FileInput,
        help_text="YAML, UTF-8. It replaces the text below.",
    )
    text = forms.CharField(
        required=False,
        label="The flow",
        strip=False,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false", "class": "flow-text", "wrap": "off"}),
    )
    reason = reason_field(
        required=False,
        validators=(),
        help_text="Needed to load, not to check. It is kept with the new version for good (EU GMP Annex 11 §9).",
    )
    based_on = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def clean_file(self) -> str:
        """The text of the uploaded file."""
        file = self.cleaned_data["file"]
        if file is None:
            return ""
        if file.size > 4 * LARGEST_FILE:
            raise forms.ValidationError(f"The file has {file.size:,} bytes; is it really a flow?")
        try:
            return file.read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise forms.ValidationError(f"The file is no UTF-8 text (byte {error.start + 1}). Save it so.") from error

    def clean(self) -> dict[str, Any]:
        """One text; a reason if it is to be loaded."""
        cleaned = super().clean() or self.cleaned_data
        if (uploaded := cleaned.get("file")) and "text" in cleaned:
            cleaned["text"] = uploaded
            self.data = self.data.copy()
            self.data["text"] = uploaded
        if not cleaned.get("text", "").strip() and "file" not in self.errors:
            self.add_error("text", "Upload a file or paste its text.")
        if LOAD in self.data and "reason" in cleaned and is_no_reason(cleaned["reason"]):
            self.add_error("reason", TOO_SHORT)
        return cleaned


class ProductForm(MasterDataForm):
    """A product; it came with its flow."""

    class Meta:
        model = Product
        fields = ("name", "requirements", "is_active")
        labels = {"is_active": "Can be ordered"}
        widgets = {"requirements": forms.Textarea(attrs={"rows": 5})}
        help_texts = {"is_active": "Orders under way go on either way."}
