"""From which probability on orders of a product are flagged, in the administration."""

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from batches.forecasts.actions.thresholds import forget_risk_threshold, set_risk_threshold
from batches.forecasts.forms import FIELDS, RISK_LABELS, NewRiskThresholdForm, RiskThresholdForm
from batches.forecasts.models import RiskThreshold
from batches.forecasts.rules.words import percent_words
from supplychain.administration.pages import MasterDataAdmin
from supplychain.administration.reach import Reach
from supplychain.administration.site import master_data
from supplychain.audit.trails import TrailScope


def _in_words(name: str) -> Any:
    """A column named as in the form: chances and shares in per cent, costs as they are."""

    @admin.display(description=RISK_LABELS[name], ordering=name)
    def column(row: RiskThreshold) -> str:
        value = getattr(row, name)
        if value is None:
            return "–"
        return f"{value:g}" if name in ("acting_cost", "late_cost") else percent_words(value)

    return column


@admin.register(RiskThreshold, site=master_data)
class RiskThresholdAdmin(MasterDataAdmin):
    """The thresholds of products that have their own."""

    form = RiskThresholdForm
    new_form = NewRiskThresholdForm
    purpose = "From which probability on an order of a product is flagged."
    advice = (
        "A product without thresholds of its own has the usual ones (late: 30 and 60 %, wait: 10 %, no dose: 20 %). "
        "Lines are forecast again as soon as this is saved. Costs change no flag: with them the page “Alarms” proposes "
        "from which chance on a flag pays, and what that would have done in the past."
    )
    lasting = ("product",)
    list_display = ("product", *map(_in_words, FIELDS))
    list_select_related = ("product",)
    search_fields = ("product__name", "product__code")
    ordering = ("product__name",)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **given: Any) -> Any:
        """Without the buttons that make another product on the way."""
        if db_field.is_relation:
            return db_field.formfield(**given)
        return super().formfield_for_dbfield(db_field, request, **given)

    def may_add(self, reach: Reach) -> bool:
        """Who administers a plant."""
        return reach.governs_shared

    def may_change(self, reach: Reach, row: RiskThreshold) -> bool:
        """Who administers a plant."""
        return reach.governs_shared

    def may_delete(self, reach: Reach, row: RiskThreshold) -> bool:
        """Who administers a plant."""
        return reach.governs_shared

    def trail_scopes(self, reach: Reach) -> list[TrailScope]:
        """Thresholds are everybody's, as products are."""
        return [TrailScope(RiskThreshold, Q())]

    def write(self, row: RiskThreshold | None, data: dict[str, Any], request: HttpRequest) -> RiskThreshold:
        """Set the thresholds of a product."""
        product = data["product"] if row is None else row.product
        names = (*FIELDS, "reason")
        return set_risk_threshold(product, **{name: data[name] for name in names}, by=request.user, now=timezone.now())

    def remove(self, row: RiskThreshold, reason: str, request: HttpRequest) -> None:
        """Go back to the usual thresholds."""
        forget_risk_threshold(row, reason=reason, by=request.user, now=timezone.now())
